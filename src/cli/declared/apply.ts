/** `weir apply`: declares connections, policies and issuers to a running gateway. */

import { Command } from "commander";
import { ConfigurationService } from "../../gen/weir/v1/configuration_pb.ts";
import { addGateway, asking, clientOf, type ShownOptions } from "../gateway-client.ts";
import { addFormat, json, remark, takesColours, write } from "../output.ts";
import type { Terminal } from "../terminal.ts";
import { changeObject, changesText, summary } from "./changes.ts";
import { objectMessage, readDeclarations } from "./objects.ts";
import { orRefusePlaced } from "./refusal.ts";

interface ApplyOptions extends ShownOptions {
  readonly file: string;
  readonly prune?: true;
  readonly dryRun?: true;
}

const apply = async (options: ApplyOptions, terminal: Terminal): Promise<void> => {
  const { file, prune = false, dryRun = false, output } = options;
  const declarations = await readDeclarations(file, terminal.stdin);
  const { objects, leftOut } = declarations;
  if (leftOut.length > 0) remark(terminal, `${file}: not sent, for it belongs to a gateway's own file: ${leftOut.join(", ")}.`);
  const client = clientOf(ConfigurationService, options);
  const { changes } = await asking(options, () =>
    orRefusePlaced(declarations, () => client.applyConfiguration({ objects: objects.map(objectMessage), prune, dryRun })),
  );
  if (output === "json") await write(terminal, json(changes.map(changeObject)));
  else await write(terminal, `${changesText(changes, takesColours(terminal))}${summary(changes)}\n`);
  if (dryRun) remark(terminal, "Nothing was changed: this was a dry run.");
};

const examples = `
A file has any of the sections connections, policies and issuers, as weir.yaml has them. \${env:NAME} and \${file:PATH} in credentials are
looked up here; a connection written without a credential keeps the one it has.

Examples:
  weir apply -f weir.yaml --dry-run
  weir apply -f weir.yaml --prune`;

/** Declares a set of objects, all of it or nothing. */
export const applyCommand = (terminal: Terminal): Command =>
  addFormat(addGateway(new Command("apply")), "diff")
    .description("declares connections, policies and issuers in the database of a running gateway, and shows what changes")
    .requiredOption("-f, --file <file>", "what to declare; - reads stdin")
    .option("--prune", "delete what the database has besides; what files declare stays")
    .option("--dry-run", "change nothing, only show what would change")
    .addHelpText("after", examples)
    .action((options: ApplyOptions) => apply(options, terminal));
