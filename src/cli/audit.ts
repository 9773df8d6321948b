/** `weir audit`: checks the record from outside the gateway, and tells who changed what. */

import { Command } from "commander";
import { audit } from "../sessions/index.ts";
import { openPool } from "../store/index.ts";
import { createLog } from "../telemetry/index.ts";
import { listEventsCommand } from "./audit-events.ts";
import { readConfiguration } from "./configuration.ts";
import { withDatabase } from "./database.ts";
import { CommandFailed } from "./failure.ts";
import { addFormat, type Format, json, type Output, remark, write } from "./output.ts";
import { visibleLine } from "./visible.ts";

type Verdict = Awaited<ReturnType<typeof audit>>;
type Finding = Verdict["findings"][number];

const findingLine = ({ session, seq, problem }: Finding): string => visibleLine(`${session}${seq < 0 ? "" : ` event ${seq}`}: ${problem}`);

const verify = async (file: string): Promise<Verdict> => {
  const { config } = await readConfiguration(file);
  return withDatabase(config, async (address) => {
    const pool = openPool({ address, role: "weir_reader", log: createLog({ level: "warn" }), max: 1 });
    try {
      return await audit(pool);
    } finally {
      await pool.end();
    }
  });
};

const verifyCommand = (output: Output): Command =>
  addFormat(new Command("verify"))
    .description("verify every session's chain of events, and that the lists say what the events say; name what was altered or removed")
    .requiredOption("--config <file>", "the configuration whose database is checked")
    .addHelpText("after", "\nExample:\n  weir audit verify --config weir.yaml")
    .action(async ({ config, output: format }: { config: string; output: Format }) => {
      const verdict = await verify(config);
      const { sessions, events, open, findings } = verdict;
      await write(output, format === "json" ? json(verdict) : findings.map((finding) => `${findingLine(finding)}\n`).join(""));
      remark(output, `${sessions} sessions, ${events} events, ${open.length} without an end`);
      if (findings.length > 0) throw new CommandFailed(`The record is not consistent: ${findings.length} findings.`);
      remark(output, "The record is consistent.");
    });

/** The commands of auditors, besides those about sessions. */
export const auditCommand = (output: Output): Command =>
  new Command("audit")
    .description("check the record from outside the gateway; list who changed what")
    .addCommand(listEventsCommand(output))
    .addCommand(verifyCommand(output))
    .addHelpText("after", "\nExample:\n  weir audit verify --config weir.yaml");
