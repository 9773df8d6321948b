/** `weir policies test`: what policies make of calls, tried at the prompt. */

import { Command } from "commander";
import { compileRules } from "../main.ts";
import { orRefuse, readRules } from "./configuration.ts";
import { CommandFailed } from "./failure.ts";
import { addFormat, type Format, json, type Output, remark, table, write } from "./output.ts";
import { isExpected, readCases, tryCase } from "./policy-cases.ts";

interface TestOptions {
  readonly config: string;
  readonly output: Format;
}

/** Tries policies with a table of cases, without a gateway. */
export const testCommand = (output: Output): Command =>
  addFormat(new Command("test"))
    .description("tries the policies of a configuration with a table of cases; secrets are not looked up")
    .argument(
      "<cases>",
      "a YAML file: a list of {name, identity, connection, model, operation, tools, prompt, tokens, at, from, expect, rules}",
    )
    .requiredOption("--config <file>", "the configuration whose policies are tried")
    .addHelpText("after", "\nExample:\n  weir policies test cases.yaml --config weir.yaml")
    .action(async (file: string, { config, output: format }: TestOptions) => {
      const policies = compileRules(await orRefuse(() => readRules(config)));
      const tried = (await readCases(file)).map((row) => {
        const result = tryCase(policies, row);
        return { id: row.name, name: row.name, expected: row.expect, ...result, passed: isExpected(row, result) };
      });
      const failed = tried.filter(({ passed }) => !passed);
      const rows = failed.map(({ name, expected, outcome, sentence }) => [name, expected, outcome, sentence]);
      if (format === "json") await write(output, json(tried));
      else if (failed.length > 0) await write(output, table(["CASE", "EXPECTED", "GOT", "WHY"], rows));
      remark(output, `${tried.length - failed.length} passed, ${failed.length} failed`);
      if (failed.length > 0) throw new CommandFailed("The policies do not decide as the table says.");
    });
