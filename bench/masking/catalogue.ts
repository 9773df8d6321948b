/**
 * Measures the whole catalogue as a library user compiles it, with views of encodings: `npx tsx --expose-gc bench/masking/catalogue.ts [--write FILE]`.
 * CPU time of this process, best of some rounds; what counts are the ratios within one run, and that doubling a text doubles its time.
 */

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { catalogue, compile, type Program } from "../../policy/library.ts";
import { ADVERSARIAL, cleanText, denseText, pieces } from "./corpus.ts";

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

const stream = (program: Program, chunks: readonly string[]): void => {
  const masker = program.open("plain");
  for (const chunk of chunks) masker.push(chunk);
  masker.finish();
};

const speed = (units: number, ms: number): string => {
  const megabytes = units / 1000 / ms;
  return megabytes < 10 ? megabytes.toFixed(2) : megabytes.toFixed(0);
};

function row(program: Program, name: string, text: string, size: number): string {
  const chunks = pieces(text, size);
  const ms = best(() => stream(program, chunks));
  return `| ${name} | ${size} | ${speed(text.length, ms)} | ${((ms * 1000) / chunks.length).toFixed(3)} |`;
}

/** How the time grows when the text does: 2 is linear. */
function doubling(program: Program, name: string, make: (units: number) => string): string {
  const times = [1, 2, 4].map((factor) => {
    const chunks = pieces(make(ADVERSARIAL_UNITS * factor), SOCKET_PIECE);
    return best(() => stream(program, chunks));
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

function report(): readonly string[] {
  const coldMs = timed(() => compile(["all"]));
  const warmMs = best(() => compile(["all"]));
  const program = compile(["all"]);
  const firstMs = timed(() => program.mask(denseText(10_000)));
  const [clean, dense] = [cleanText(CLEAN_UNITS), denseText(DENSE_UNITS)];
  return [
    "# The whole catalogue, measured",
    "",
    `All ${catalogue.length} detectors with views of encodings, as \`compile(["all"])\` of the library gives them; CPU time, best of ${ROUNDS}; Node ${process.versions.node}. Only the ratios count.`,
    "Made by `npx tsx --expose-gc bench/masking/catalogue.ts --write docs/measured/catalogue.md`.",
    "",
    "| text | pieces | MB/s | µs a piece |",
    "|---|---|---|---|",
    ...[CLEAN_UNITS, SOCKET_PIECE, DELTA].map((size) => row(program, "clean", clean, size)),
    ...[SOCKET_PIECE, DELTA].map((size) => row(program, "a secret a sentence", dense, size)),
    "",
    `JavaScript's own expressions on clean text: ${v8()}.`,
    "",
    `Compiling: ${coldMs.toFixed(0)} ms the first time, ${warmMs.toFixed(0)} ms after that. The first 10 KB with secrets, whose states are made then: ${firstMs.toFixed(0)} ms. An open stream that holds a little: ${bytesPerStream(program)}.`,
    "",
    `Doubling the text doubles the time (ms for ${ADVERSARIAL_UNITS / 1000} thousand units in pieces of ${SOCKET_PIECE}, twice, four times; growth):`,
    "",
    "| text | MB/s | 1× | 2× | 4× | growth | growth |",
    "|---|---|---|---|---|---|---|",
    ...Object.entries(ADVERSARIAL).map(([name, make]) => doubling(program, name, make)),
    "",
  ];
}

const { values } = parseArgs({ options: { write: { type: "string" } } });
const lines = report().join("\n");
process.stdout.write(lines);
if (values.write !== undefined) writeFileSync(values.write, lines);
