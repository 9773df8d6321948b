/**
 * Measures masking: `npx tsx bench/masking/run.ts --reference FOLDER [--write FILE]`. CPU time of this process, best of some rounds; what counts are the
 * ratios within one run, to the reference prototype and to V8's own expressions one by one.
 */

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { compile, type Program } from "../../policy/masking/index.ts";
import { ADVERSARIAL, cleanText, denseText, pieces } from "./corpus.ts";
import { ours } from "./detectors.ts";
import { loadReference, type Reference } from "./reference.ts";

const ROUNDS = 5;
const CLEAN_UNITS = 8_000_000;
const DENSE_UNITS = 2_000_000;
const V8_UNITS = 1_000_000;
const ADVERSARIAL_UNITS = 500_000;
const SOCKET_PIECE = 4096;
const DELTA = 4;

/** Something that masks a stream. */
type Open = () => { push(chunk: string): string; finish(): string };

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** CPU milliseconds of the best round. */
function best(work: () => void, rounds = ROUNDS): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const from = cpuMs();
    work();
    least = Math.min(least, cpuMs() - from);
  }
  return least;
}

function stream(open: Open, chunks: readonly string[]): void {
  const masker = open();
  for (const chunk of chunks) masker.push(chunk);
  masker.finish();
}

const megabytes = (units: number, ms: number): number => units / 1000 / ms;
const rounded = (value: number): string => (value < 10 ? value.toFixed(2) : value.toFixed(0));

/** One measured line of both engines. */
function row(name: string, text: string, size: number, engines: readonly (Open | undefined)[]): string {
  const chunks = size === Number.POSITIVE_INFINITY ? [text] : pieces(text, size);
  const times = engines.map((open) => (open === undefined ? undefined : best(() => stream(open, chunks))));
  const speeds = times.map((ms) => (ms === undefined ? "–" : rounded(megabytes(text.length, ms))));
  const perChunk = times.map((ms) => (ms === undefined ? "–" : ((ms * 1000) / chunks.length).toFixed(3)));
  const ratio = times[0] !== undefined && times[1] !== undefined ? (times[1] / times[0]).toFixed(2) : "–";
  return `| ${name} | ${speeds[0]} | ${speeds[1]} | ${ratio} | ${perChunk[0]} | ${perChunk[1]} |`;
}

/** How the time grows when the text does: 2 is linear. */
function doubling(name: string, make: (units: number) => string, open: Open): string {
  const times = [1, 2, 4].map((factor) => {
    const chunks = pieces(make(ADVERSARIAL_UNITS * factor), SOCKET_PIECE);
    return best(() => stream(open, chunks));
  });
  const growth = [1, 2].map((at) => ((times[at] ?? 0) / (times[at - 1] ?? 1)).toFixed(2));
  return `| ${name} | ${times.map((ms) => ms.toFixed(1)).join(" | ")} | ${growth.join(" | ")} |`;
}

function v8(reference: Reference): string {
  const text = cleanText(V8_UNITS);
  const expressions = reference.detectors.map(({ re }) => new RegExp(re.source, `${re.flags}g`));
  const ms = best(() => {
    for (const expression of expressions) {
      expression.lastIndex = 0;
      while (expression.exec(text) !== null);
    }
  }, 2);
  return rounded(megabytes(V8_UNITS, ms));
}

/** The heap an open stream keeps beyond its held text, in bytes, measured over many streams that hold a little. */
function bytesPerStream(program: Program): number {
  const count = 20_000;
  const heap = (): number => {
    globalThis.gc?.();
    return process.memoryUsage().heapUsed;
  };
  const before = heap();
  const open = Array.from({ length: count }, () => {
    const masker = program.open("plain");
    masker.push("write to john.doe@corp, GB82 WEST 1234 ");
    return masker;
  });
  const after = heap();
  return open.length === 0 ? 0 : (after - before) / count;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { reference: { type: "string" }, write: { type: "string" } } });
  const reference = await loadReference(values.reference);
  if (reference === undefined) throw new Error("the detectors measured are the reference's: give --reference FOLDER");
  const from = cpuMs();
  const program = compile(reference.detectors.map(ours));
  const compileMs = cpuMs() - from;
  const referenceProgram = reference.compile(reference.detectors);
  const engines: readonly [Open, Open] = [() => program.open("plain"), () => reference.open(referenceProgram)];
  const [clean, dense] = [cleanText(CLEAN_UNITS), denseText(DENSE_UNITS)];
  const lines = [
    "# Masking, measured",
    "",
    `${reference.detectors.length} detectors of the reference prototype, both engines in one process; CPU time on cores shared with other work, best of ${ROUNDS}; Node ${process.versions.node}. Only the ratios count.`,
    "Made by `npx tsx bench/masking/run.ts --reference FOLDER --write docs/measured/masking.md`.",
    "",
    "| text, pieces | MB/s | reference MB/s | ratio | µs a piece | reference |",
    "|---|---|---|---|---|---|",
    ...[Number.POSITIVE_INFINITY, SOCKET_PIECE, 64, 16, DELTA].map((size) =>
      row(`clean, ${size === Number.POSITIVE_INFINITY ? "whole" : size}`, clean, size, engines),
    ),
    ...[SOCKET_PIECE, 64, DELTA].map((size) => row(`a secret a sentence, ${size}`, dense, size, engines)),
    ...Object.entries(ADVERSARIAL).map(([name, make]) => row(`${name}, ${SOCKET_PIECE}`, make(ADVERSARIAL_UNITS), SOCKET_PIECE, engines)),
    "",
    `V8's own expressions one by one on 1 MB of clean text: ${v8(reference)} MB/s. Compiling: ${compileMs.toFixed(0)} ms. An open stream that holds a little: ${bytesPerStream(program).toFixed(0)} bytes${globalThis.gc === undefined ? " (without --expose-gc: an upper bound)" : ""}. Opening one: ${(best(() => openMany(program)) / 100).toFixed(3)} µs.`,
    "",
    `Doubling the text doubles the time (ms for ${ADVERSARIAL_UNITS / 1000} thousand units, twice, four times; growth):`,
    "",
    "| text | 1× | 2× | 4× | growth | growth |",
    "|---|---|---|---|---|---|",
    ...Object.entries(ADVERSARIAL).map(([name, make]) => doubling(name, make, engines[0])),
    "",
  ];
  process.stdout.write(lines.join("\n"));
  if (values.write !== undefined) writeFileSync(values.write, lines.join("\n"));
}

function openMany(program: Program): void {
  for (let count = 0; count < 100_000; count++) program.open("plain");
}

await main();
