/**
 * Measures lanes: `npx tsx --expose-gc bench/masking/lanes.ts [--packs all] [--write FILE]`. The whole catalogue, through the engine alone, through views of
 * encodings, and through JSON lanes. CPU time of this process, best of some rounds; what counts are the ratios within one run.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { detectorsNamed } from "../../policy/catalogue/index.ts";
import { compile, laneOptions, type Masker, type Program } from "../../policy/masking/index.ts";
import { cleanText, denseText } from "./corpus.ts";

const ROUNDS = 5;
const UNITS = 300_000;
const DELTA = 4;
const SOCKET_PIECE = 4096;
const LARGE_PIECE = 65_536;
const STREAMS = 20_000;
/** Streams opened to measure one opening. */
const OPENINGS = 200_000;

type Open = () => Masker;

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** Flat strings, as a decoder of UTF-8 makes them: one byte a unit where that is enough. */
function pieces(text: string, size: number): readonly string[] {
  const out: string[] = [];
  for (let at = 0; at < text.length; at += size) out.push(Buffer.from(text.slice(at, at + size), "utf16le").toString("utf16le"));
  return out.map((piece) => Buffer.from(piece).toString());
}

/** CPU milliseconds of the best round for each, taken in turn so that a busy machine troubles all alike. */
function best(works: readonly (() => void)[]): readonly number[] {
  const least = works.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, work] of works.entries()) {
      const from = cpuMs();
      work();
      least[index] = Math.min(least[index] ?? 0, cpuMs() - from);
    }
  }
  return least;
}

function stream(open: Open, chunks: readonly string[]): void {
  const masker = open();
  for (const chunk of chunks) masker.push(chunk);
  masker.finish();
}

/** One line: a text in pieces through the engine and through a lane. */
function row(name: string, text: string, size: number, [plain, lane]: readonly [Open, Open]): string {
  const chunks = pieces(text, size);
  const [alone = 0, seen = 0] = best([() => stream(plain, chunks), () => stream(lane, chunks)]);
  const speed = (ms: number): string => (text.length / 1000 / ms).toFixed(0);
  const each = (ms: number): string => ((ms * 1000) / chunks.length).toFixed(3);
  return `| ${name}, ${size} | ${speed(alone)} | ${speed(seen)} | ${(seen / alone).toFixed(2)} | ${each(alone)} | ${each(seen)} |`;
}

const repeated = (piece: string): string => piece.repeat(Math.ceil(UNITS / piece.length)).slice(0, UNITS);

/** What answers are made of, by how much work it gives the views. */
const TEXTS: Readonly<Record<string, string>> = {
  prose: cleanText(UNITS),
  "a secret a sentence": denseText(UNITS),
  "ARCHITECTURE.md": repeated(readFileSync(new URL("../../ARCHITECTURE.md", import.meta.url), "utf8")),
  "dashes and spaces": repeated("In 2019–2024 the river – wide as it is – rose by 3–5 %; people say: a good year. "),
  "full-width": repeated("全角，文字（テスト）：これは例文です。"),
  "escapes and code": repeated('const path = "C:\\\\temp\\n" + name; // 100% of it\nif (a % b) return text.split("\\n");\n'),
  "percent-encoded": repeated("https://example.com/search?q=quick%20brown%20fox&lang=en%2Dgb and so on\n"),
  base64: repeated(Buffer.from(cleanText(UNITS / 2)).toString("base64")),
};

const JSON_TEXT = JSON.stringify(
  Array.from({ length: 500 }, (_, id) => ({
    id,
    name: `Item ${id}`,
    description: `${cleanText(480)}\n`,
    tags: ["river", "boat"],
    price: 12.5,
  })),
);

/** The heap an open stream keeps, in bytes, measured over many streams that hold a little. */
function bytesPerStream(open: Open): number {
  const heap = (): number => {
    globalThis.gc?.();
    return process.memoryUsage().heapUsed;
  };
  const before = heap();
  const streams = Array.from({ length: STREAMS }, () => {
    const masker = open();
    for (const piece of ["write ", "to ", "john", ".doe", "@corp", ", GB", "82 WE", "ST 1234 "]) masker.push(piece);
    return masker;
  });
  const bytes = heap() - before;
  return bytes / streams.length;
}

/** Microseconds that opening one takes. */
function opening(open: Open): number {
  const [ms = 0] = best([
    () => {
      for (let count = 0; count < OPENINGS; count++) open();
    },
  ]);
  return (ms * 1000) / OPENINGS;
}

function report(alone: Program, lanes: Program): readonly string[] {
  const plain: readonly [Open, Open] = [() => alone.open("plain"), () => lanes.open("plain")];
  const json: readonly [Open, Open] = [() => alone.open("plain"), () => lanes.open("json")];
  return [
    ...Object.entries(TEXTS).flatMap(([name, text]) => [DELTA, SOCKET_PIECE, LARGE_PIECE].map((size) => row(name, text, size, plain))),
    ...[DELTA, SOCKET_PIECE, LARGE_PIECE].map((size) => row("JSON lane", JSON_TEXT, size, json)),
    "",
    ...(["plain", "json"] as const).map((syntax) => {
      const open = (): Masker => lanes.open(syntax);
      return `A ${syntax} lane: opened in ${opening(open).toFixed(2)} µs, ${bytesPerStream(open).toFixed(0)} bytes while it holds a little.`;
    }),
  ];
}

function main(): void {
  const { values } = parseArgs({ options: { packs: { type: "string", default: "all" }, write: { type: "string" } } });
  const detectors = detectorsNamed(values.packs.split(","));
  const lines = [
    "# Lanes, measured",
    "",
    `${detectors.length} detectors (${values.packs}); CPU time on cores shared with other work, best of ${ROUNDS}; Node ${process.versions.node}. Only the ratios count.`,
    "Made by `npx tsx --expose-gc bench/masking/lanes.ts --write docs/measured/lanes.md`.",
    "",
    "| text, pieces | engine alone MB/s | lane MB/s | ratio | engine µs a piece | lane |",
    "|---|---|---|---|---|---|",
    ...report(compile(detectors), compile(detectors, laneOptions())),
    "",
  ];
  process.stdout.write(lines.join("\n"));
  if (values.write !== undefined) writeFileSync(values.write, lines.join("\n"));
}

main();
