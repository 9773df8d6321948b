/** `weir mask`: the masker as a filter. */

import { Command, Option } from "commander";
import type { MaskSpan, Program } from "../../policy/masking/index.ts";
import { CommandFailed } from "./failure.ts";
import { decodeUtf8, linesOf } from "./input.ts";
import { chooseProgram, type ProgramChoice } from "./masking-program.ts";
import { type Output, write } from "./output.ts";

interface MaskOptions extends ProgramChoice {
  readonly json?: true;
  readonly jsonl?: true;
}

/** A spoken list: `--packs credentials,pii`, or the option several times. */
const list = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  ...value.split(",").filter((name) => name !== ""),
];

const filter = async (program: Program, input: AsyncIterable<Uint8Array>, output: Output): Promise<void> => {
  const masker = program.open("plain");
  for await (const text of decodeUtf8(input)) await write(output, masker.push(text));
  await write(output, masker.finish());
};

const plainSpan = ({ start, end, detector }: MaskSpan): MaskSpan => ({ start, end, detector });

const spans = async (program: Program, input: AsyncIterable<Uint8Array>, output: Output): Promise<void> => {
  let whole = "";
  for await (const text of decodeUtf8(input)) whole += text;
  await write(output, `${JSON.stringify(program.spans(whole).map(plainSpan))}\n`);
};

/** The form that scorers of detection read: pairs of offsets; the detector's name stands behind them. */
const spanPair = ({ start, end, detector }: MaskSpan): readonly [number, number, string] => [start, end, detector];

const readLine = (line: string, number: number): { readonly id: unknown; readonly text: string } => {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null && "id" in value && "text" in value && typeof value.text === "string") {
      return { id: value.id, text: value.text };
    }
  } catch {
    // The parser's message quotes the line, which may hold a secret.
  }
  throw new CommandFailed(`Line ${number} is not a JSON object with "id" and "text".`);
};

const spansOfLines = async (program: Program, input: AsyncIterable<Uint8Array>, output: Output): Promise<void> => {
  let number = 0;
  for await (const line of linesOf(decodeUtf8(input))) {
    number += 1;
    if (line.trim() === "") continue;
    const { id, text } = readLine(line, number);
    await write(output, `${JSON.stringify({ id, spans: program.spans(text).map(spanPair) })}\n`);
  }
};

const examples = `
Examples:
  weir mask < notes.txt > masked.txt
  weir mask --packs credentials,pii --json < notes.txt
  weir mask --config weir.yaml --policy analysts < answer.txt`;

/** Masks stdin to stdout as it comes; resolves no secret of a configuration, and writes what it reads nowhere else. */
export const maskCommand = (output: Output, input: AsyncIterable<Uint8Array>): Command =>
  new Command("mask")
    .description("mask a text as the gateway would, from stdin to stdout")
    .option("--packs <names>", "packs or detectors, separated by commas; all: every one (the default without --config)", list)
    .option("--config <file>", "take what a policy of this configuration masks")
    .option("--policy <name>", "the policy; may be left out where only one masks")
    .addOption(new Option("--direction <direction>", "what the policy masks towards").choices(["request", "response"]).default("response"))
    .addOption(new Option("--json", "print the masked spans as JSON, offsets in UTF-16 code units").conflicts("jsonl"))
    .option("--jsonl", 'read lines {"id","text"} and write lines {"id","spans"}, spans as [start, end, detector]')
    .addHelpText("after", examples)
    .action(async (options: MaskOptions) => {
      const program = await chooseProgram(options);
      if (options.json === true) await spans(program, input, output);
      else if (options.jsonl === true) await spansOfLines(program, input, output);
      else await filter(program, input, output);
    });
