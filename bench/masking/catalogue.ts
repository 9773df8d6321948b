/**
 * Measures the whole catalogue as a library user compiles it, with views of encodings: `npx tsx --expose-gc bench/masking/catalogue.ts [--reference FOLDER] [--write FILE]`.
 * CPU time of this process, best of some rounds; what counts are the ratios within one run, and that doubling a text doubles its time.
 */

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { catalogue, compile, type Program } from "../../policy/library.ts";
import { ADVERSARIAL, cleanText, denseText, pieces } from "./corpus.ts";
import { loadReference, type Reference } from "./reference.ts";

const ROUNDS = 3;
const CLEAN_UNITS = 8_000_000;
const DENSE_UNITS = 2_000_000;
const ADVERSARIAL_UNITS = 250_000;
const V8_UNITS = 200_000;
const SOCKET_PIECE = 4096;
const DELTA = 4;
const STREAMS = 10_000;

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const timed = (work: () => void): number => {
  const from = cpuMs();
  work();
  return cpuMs() - from;
};

const best = (work: () => void): number => Math.min(...Array.from({ length: ROUNDS }, () => timed(work)));

/** Something that masks a stream. */
type Open = () => { push(chunk: string): string; finish(): string };

const stream = (open: Open, chunks: readonly string[]): void => {
  const masker = open();
  for (const chunk of chunks) masker.push(chunk);
  masker.finish();
};

const speed = (units: number, ms: number): string => {
  const megabytes = units / 1000 / ms;
  return megabytes < 10 ? megabytes.toFixed(2) : megabytes.toFixed(0);
};

/** One measured line: the catalogue, and beside it the prototype with its own detectors where it is there. */
function row(ours: Open, theirs: Open | undefined, name: string, text: string, size: number): string {
  const chunks = pieces(text, size);
  const ms = best(() => stream(ours, chunks));
  const reference = theirs === undefined ? undefined : best(() => stream(theirs, chunks));
  const beside = reference === undefined ? "– | –" : `${speed(text.length, reference)} | ${(reference / ms).toFixed(2)}`;
  return `| ${name} | ${size} | ${speed(text.length, ms)} | ${((ms * 1000) / chunks.length).toFixed(3)} | ${beside} |`;
}

/** How the time grows when the text does: 2 is linear. */
function doubling(open: Open, name: string, make: (units: number) => string): string {
  const times = [1, 2, 4].map((factor) => {
    const chunks = pieces(make(ADVERSARIAL_UNITS * factor), SOCKET_PIECE);
    return best(() => stream(open, chunks));
  });
  const [one = 0, two = 0, four = 0] = times;
  const growth = [two / one, four / two].map((factor) => factor.toFixed(2));
  return `| ${name} | ${speed(4 * ADVERSARIAL_UNITS, four)} | ${times.map((ms) => ms.toFixed(1)).join(" | ")} | ${growth.join(" | ")} |`;
}

/** What JavaScript's own expressions take for the same patterns one by one. Keyword lists are left out, and names of groups, which V8 wants but once. */
function v8(): string {
  const text = cleanText(V8_UNITS);
  const expressions = catalogue
    .filter(({ keywords }) => keywords === undefined)
    .map(({ pattern, flags = "" }) => {
      const insensitive = pattern.startsWith("(?i)") ? "i" : "";
      return new RegExp(pattern.replace(/^\(\?i\)/u, "").replaceAll("(?<secret>", "("), `${flags}${insensitive}g`);
    });
  const ms = best(() => {
    for (const expression of expressions) for (const _ of text.matchAll(expression));
  });
  return `${speed(V8_UNITS, ms)} MB/s for ${expressions.length} of the ${catalogue.length} patterns, matches not checked any further`;
}

/** Heap bytes of a stream that holds a little, over many of them. */
function bytesPerStream(program: Program): string {
  const collect = globalThis.gc;
  if (collect === undefined) return "not measured (run with --expose-gc)";
  const heap = (): number => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = heap();
  const open = Array.from({ length: STREAMS }, () => {
    const masker = program.open("plain");
    masker.push("write to john.doe@corp, GB82 WEST 1234 ");
    return masker;
  });
  return `${((heap() - before) / open.length).toFixed(0)} bytes`;
}

function prototype(reference: Reference | undefined): Open | undefined {
  if (reference === undefined) return undefined;
  const compiled = reference.compile(reference.detectors);
  return () => reference.open(compiled);
}

function report(reference: Reference | undefined): readonly string[] {
  const coldMs = timed(() => compile(["all"]));
  const warmMs = best(() => compile(["all"]));
  const program = compile(["all"]);
  const firstMs = timed(() => program.mask(denseText(10_000)));
  const ours: Open = () => program.open("plain");
  const theirs = prototype(reference);
  const [clean, dense] = [cleanText(CLEAN_UNITS), denseText(DENSE_UNITS)];
  return [
    "# The whole catalogue, measured",
    "",
    `All ${catalogue.length} detectors with views of encodings, as \`compile(["all"])\` of the library gives them; CPU time on cores shared with other work, best of ${ROUNDS}; Node ${process.versions.node}. Only the ratios count.`,
    "Made by `npx tsx --expose-gc bench/masking/catalogue.ts --reference FOLDER --write docs/measured/catalogue.md`.",
    "",
    `| text | pieces | MB/s | µs a piece | prototype with ${reference?.detectors.length ?? "its"} detectors, MB/s | ratio |`,
    "|---|---|---|---|---|---|",
    ...[CLEAN_UNITS, SOCKET_PIECE, DELTA].map((size) => row(ours, theirs, "clean", clean, size)),
    ...[SOCKET_PIECE, DELTA].map((size) => row(ours, theirs, "a secret a sentence", dense, size)),
    "",
    `JavaScript's own expressions on clean text: ${v8()}.`,
    "",
    `Compiling: ${coldMs.toFixed(0)} ms the first time, ${warmMs.toFixed(0)} ms after that. The first 10 KB with secrets, whose states are made then: ${firstMs.toFixed(0)} ms. An open stream that holds a little: ${bytesPerStream(program)}.`,
    "",
    `Doubling the text doubles the time (ms for ${ADVERSARIAL_UNITS / 1000} thousand units in pieces of ${SOCKET_PIECE}, twice, four times; growth):`,
    "",
    "| text | MB/s | 1× | 2× | 4× | growth | growth |",
    "|---|---|---|---|---|---|---|",
    ...Object.entries(ADVERSARIAL).map(([name, make]) => doubling(ours, name, make)),
    "",
  ];
}

const { values } = parseArgs({ options: { reference: { type: "string" }, write: { type: "string" } } });
const lines = report(await loadReference(values.reference)).join("\n");
process.stdout.write(lines);
if (values.write !== undefined) writeFileSync(values.write, lines);
