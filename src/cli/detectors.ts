/** `weir detectors`: what the catalogue finds, and whether patterns are wise. */

import { Command } from "commander";
import { type CatalogueEntry, catalogue, detectorsNamed, UnknownDetector } from "../../policy/catalogue/index.ts";
import { type Detector, type LintFinding, lint } from "../../policy/masking/index.ts";
import { readPolicies } from "./configuration.ts";
import { checkExamples } from "./examples.ts";
import { CommandFailed, wrongUsage } from "./failure.ts";
import { addFormat, type Format, json, type Output, remark, table, write } from "./output.ts";

const named = (names: readonly string[]): readonly CatalogueEntry[] => {
  try {
    const wanted = new Set<Detector>(detectorsNamed(names.length === 0 ? ["all"] : names));
    return catalogue.filter((entry) => wanted.has(entry));
  } catch (thrown) {
    throw thrown instanceof UnknownDetector ? wrongUsage(`${thrown.message}.`) : thrown;
  }
};

const summary = ({ name, title, packs, origin }: CatalogueEntry) => ({ id: name, title, packs, origin });

const listCommand = (output: Output): Command =>
  addFormat(new Command("list"))
    .description("the detectors of the catalogue")
    .argument("[names...]", "packs or detectors; none: all")
    .addHelpText("after", "\nExample:\n  weir detectors list credentials")
    .action(async (names: readonly string[], { output: chosen }: { output: Format }) => {
      const entries = named(names);
      const rows = entries.map(({ name, title, packs }) => [name, packs.join(" "), title]);
      await write(output, chosen === "json" ? json(entries.map(summary)) : table(["NAME", "PACKS", "FINDS"], rows));
    });

const testCommand = (output: Output): Command =>
  new Command("test")
    .description("run detectors on their own examples")
    .argument("[names...]", "packs or detectors; none: all")
    .addHelpText("after", "\nExample:\n  weir detectors test aws-access-key-id")
    .action(async (names: readonly string[]) => {
      const entries = named(names);
      const failures = entries.flatMap(checkExamples);
      await write(output, failures.map((failure) => `${failure}\n`).join(""));
      const examples = entries.reduce((sum, { positive, negative }) => sum + positive.length + negative.length, 0);
      remark(output, `${entries.length} detectors, ${examples} examples, ${failures.length} failed`);
      if (failures.length > 0) throw new CommandFailed("Some examples failed.");
    });

const customOf = async (file: string): Promise<readonly Detector[]> => (await readPolicies(file)).flatMap(({ mask }) => mask?.custom ?? []);

const findingLine = ({ detector, code, position, message }: LintFinding): string => `${detector}:${position}: ${code}: ${message}\n`;

const lintCommand = (output: Output): Command =>
  addFormat(new Command("lint"))
    .description("say what is unwise about patterns: what they cost, where they begin")
    .option("--config <file>", "the custom patterns of this configuration")
    .option("--pattern <regex...>", "these patterns")
    .addHelpText("after", "\nExamples:\n  weir detectors lint --pattern '\\bPRJ-[0-9]{6}'\n  weir detectors lint --config weir.yaml")
    .action(async (options: { config?: string; pattern?: readonly string[]; output: Format }) => {
      if (options.config === undefined && options.pattern === undefined) throw wrongUsage("Give --config or --pattern.");
      const given = (options.pattern ?? []).map((pattern, index): Detector => ({ name: `pattern-${index + 1}`, pattern }));
      const detectors = [...given, ...(options.config === undefined ? [] : await customOf(options.config))];
      const findings = detectors.flatMap((detector) => lint(detector));
      await write(output, options.output === "json" ? json(findings) : findings.map(findingLine).join(""));
      remark(output, `${detectors.length} patterns, ${findings.length} remarks`);
      if (findings.some(({ code }) => code === "refused")) throw new CommandFailed("A pattern was refused.");
    });

/** The commands about detectors. */
export const detectorsCommand = (output: Output): Command =>
  new Command("detectors")
    .description("list and test the detectors, and lint patterns of your own")
    .addCommand(listCommand(output))
    .addCommand(testCommand(output))
    .addCommand(lintCommand(output))
    .addHelpText("after", "\nExample:\n  weir detectors list credentials");
