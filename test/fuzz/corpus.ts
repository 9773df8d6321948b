/**
 * Cuts every text of a labelled corpus at every place: `npx tsx test/fuzz/corpus.ts FILE [plain|json]`. FILE has one JSON object with a `text` a line.
 * The whole catalogue with views and JSON lanes masks each text whole, in two pieces at every offset, and unit by unit; all must give the same.
 * Exits 1 where one does not.
 */

import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { compile } from "../../policy/library.ts";
import type { Program } from "../../policy/masking/index.ts";
import type { Syntax } from "../../src/envelope/text.ts";

/** What cutting a corpus counted. */
export interface CorpusReport {
  texts: number;
  checks: number;
  /** Texts in which something was masked. */
  masked: number;
  /** Masked texts that masking again would change. */
  restless: string[];
  /** Where cutting changed what was masked: the text's id and the offset of the cut, -1 for unit by unit. */
  mismatches: { readonly id: string; readonly cut: number }[];
}

/** An empty report. */
export const emptyReport = (): CorpusReport => ({ texts: 0, checks: 0, masked: 0, restless: [], mismatches: [] });

/** Adds one text in all its cuts. */
export function cutEverywhere(program: Program, syntax: Syntax, id: string, text: string, report: CorpusReport): void {
  const whole = program.mask(text, syntax);
  report.texts++;
  if (whole !== text) report.masked++;
  if (program.mask(whole, syntax) !== whole) report.restless.push(id);
  for (let cut = 1; cut < text.length; cut++)
    compare(whole, inPieces(program, syntax, [text.slice(0, cut), text.slice(cut)]), { id, cut }, report);
  compare(whole, inPieces(program, syntax, text.split("")), { id, cut: -1 }, report);
}

function compare(whole: string, pieces: string, place: { readonly id: string; readonly cut: number }, report: CorpusReport): void {
  report.checks++;
  if (pieces !== whole) report.mismatches.push(place);
}

function inPieces(program: Program, syntax: Syntax, pieces: readonly string[]): string {
  const masker = program.open(syntax);
  let masked = "";
  for (const piece of pieces) masked += masker.push(piece);
  return masked + masker.finish();
}

function readCase(line: string, number: number): { readonly id: string; readonly text: string } {
  const value: unknown = JSON.parse(line);
  if (typeof value !== "object" || value === null || !("text" in value) || typeof value.text !== "string") {
    throw new Error(`line ${number} has no text`);
  }
  return { id: "id" in value ? String(value.id) : `line ${number}`, text: value.text };
}

async function main(file: string, syntax: Syntax): Promise<void> {
  const program = compile(["all"]);
  const report = emptyReport();
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(file, "utf8") })) {
    const { id, text } = readCase(line, ++number);
    cutEverywhere(program, syntax, id, text, report);
  }
  const { mismatches, restless, ...counts } = report;
  const summary = { ...counts, mismatches: mismatches.length, restless: restless.length };
  process.stdout.write(
    `${JSON.stringify({ ...summary, firstMismatches: mismatches.slice(0, 20), firstRestless: restless.slice(0, 20) }, undefined, 2)}\n`,
  );
  if (mismatches.length > 0) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [file, syntax] = process.argv.slice(2);
  if (file === undefined) throw new Error("usage: corpus.ts FILE [plain|json]");
  await main(file, syntax === "json" ? "json" : "plain");
}
