/** Weir's command line: every command, and how each of them ends. */

import { Command, CommanderError } from "commander";
import { approvalsCommand } from "./approvals.ts";
import { auditCommand } from "./audit.ts";
import { applyCommand, connectionsCommand, issuersCommand, policiesCommand } from "./declared/index.ts";
import { detectorsCommand } from "./detectors.ts";
import { CommandFailed, ConfigurationRefused, exitCodes } from "./failure.ts";
import { identitiesCommand } from "./identities.ts";
import { maskCommand } from "./mask.ts";
import { migrateCommand } from "./migrate.ts";
import { remark } from "./output.ts";
import { serveCommand } from "./serve.ts";
import { sessionsCommand } from "./sessions.ts";
import type { Terminal } from "./terminal.ts";
import { tokenCommand } from "./token-exchange.ts";
import { tokensCommand } from "./tokens.ts";
import { topicsCommand } from "./topics.ts";
import { packageVersion } from "./version.ts";

const programOf = (terminal: Terminal): Command =>
  new Command("weir")
    .description("An identity-aware gateway for AI inference: decides, masks the live token stream, keeps a record that can be proven.")
    .version(packageVersion())
    .addCommand(serveCommand(terminal))
    .addCommand(migrateCommand(terminal))
    .addCommand(maskCommand(terminal, terminal.stdin))
    .addCommand(detectorsCommand(terminal))
    .addCommand(topicsCommand(terminal))
    .addCommand(applyCommand(terminal))
    .addCommand(connectionsCommand(terminal))
    .addCommand(policiesCommand(terminal))
    .addCommand(issuersCommand(terminal))
    .addCommand(sessionsCommand(terminal))
    .addCommand(approvalsCommand(terminal))
    .addCommand(identitiesCommand(terminal))
    .addCommand(tokensCommand(terminal))
    .addCommand(tokenCommand(terminal))
    .addCommand(auditCommand(terminal))
    .addHelpText("after", "\nExample:\n  weir serve --config weir.yaml\n\nEvery command has --help with examples.");

/** Lets every command, however deep, throw instead of ending the process, and write where the terminal says. */
const adopt = (command: Command, { stdout, stderr }: Terminal): Command => {
  command.exitOverride().configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) });
  for (const each of command.commands) adopt(each, { stdout, stderr, stdin: process.stdin });
  return command;
};

/** The reader of our output left, as `head` does: what it wanted it has. */
const isBrokenPipe = (thrown: unknown): boolean => thrown instanceof Error && "code" in thrown && thrown.code === "EPIPE";

const exitCodeOf = (thrown: unknown, terminal: Terminal): number => {
  if (isBrokenPipe(thrown)) return exitCodes.done;
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? exitCodes.done : exitCodes.usage; // has printed what it had to say
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  remark(terminal, thrown instanceof ConfigurationRefused ? message : `weir: ${message}`);
  return thrown instanceof CommandFailed ? thrown.exitCode : exitCodes.failed;
};

/** Runs one command line (without `node` and the program's name). Resolves with the exit code; never rejects. */
export const runCommandLine = async (args: readonly string[], terminal: Terminal): Promise<number> => {
  try {
    await adopt(programOf(terminal), terminal).parseAsync([...args], { from: "user" });
    return exitCodes.done;
  } catch (thrown) {
    return exitCodeOf(thrown, terminal);
  }
};
