/** The leak matrix of the Messages API: every path that the tables name, and every way that its text can come. */

import { afterAll, describe, expect, it } from "vitest";
import { eventTables } from "../../adapters/anthropic/event-places.ts";
import { readMessage } from "../../adapters/anthropic/message.ts";
import { messageAnswerPlaces } from "../../adapters/anthropic/places.ts";
import { answerCodec } from "../../adapters/anthropic/signatures.ts";
import { messageStream } from "../../adapters/anthropic/stream.ts";
import { type FramedMessage, wireText } from "../../adapters/shared/frame.ts";
import type { Place } from "../../adapters/shared/place.ts";
import { compile, laneOptions } from "../../policy/masking/index.ts";
import { StreamMasker } from "../../src/enforcement/mask-stream.ts";
import { LaneMaskers, maskSpans } from "../../src/enforcement/masked.ts";
import { accumulated, type Block, type Cutter, eventOf, messageEvents, messageOf } from "../support/anthropic-messages.ts";
import { piecesOf } from "../support/cuts.ts";
import { merged, type NamedPlace, pathsOf, valueAt } from "../support/table-paths.ts";

const program = compile([{ name: "aws-key", pattern: "\\bAKIA[0-9A-Z]{16}\\b", credential: true }], laneOptions());
const secret = "AKIAQ3EGRIJ5KZT7XW2M";

/** What an upstream could put there: where identifiers and API words stand too, and in both syntaxes of text. */
const saidAt = (place: Place): unknown => {
  if (place.kind !== "text") return secret;
  if (place.syntax === "plain") return `the key is ${secret}, keep it`;
  return place.written ? { note: `the key is ${secret}`, list: [secret] } : JSON.stringify({ note: `the key is ${secret}` });
};

const maskedWhole = (document: unknown): string => {
  const message = readMessage(JSON.stringify(document));
  const whole = { spans: answerCodec.spans(message), closings: answerCodec.closes(message) };
  return wireText(
    answerCodec.rewrite(
      message,
      maskSpans(whole, { reader: program, record: program }, () => {}),
    ),
  );
};

/** The stream as the caller gets it; `size` bytes come at once. */
const maskedStream = (events: readonly string[], size: number): string => {
  const stream = messageStream();
  const masker = new StreamMasker(stream.codec, {
    lanes: new LaneMaskers({ reader: program, record: program }, { piece: () => {} }),
    mustRead: true,
  });
  const out: FramedMessage[] = [];
  const drain = (read: FramedMessage[]): void => {
    for (const message of read.splice(0)) masker.push(message, out);
  };
  const bytes = Buffer.from(events.join(""));
  const read: FramedMessage[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    stream.events.push(bytes.subarray(at, at + size), read);
    drain(read);
    while (stream.events.paused) {
      stream.events.readOn(read);
      drain(read);
    }
  }
  stream.events.end(read);
  drain(read);
  return out.map(wireText).join("");
};

const hello: Block = { type: "text", text: "hello " };

/** A whole stream with one event replaced by another, or added where there is none of its type. */
const streamWith = (type: string, event: string): string[] => {
  const events = messageEvents({ content: [hello, hello] }, (text) => [text]);
  const at = events.findIndex((each) => each.startsWith(`event: ${type}\n`));
  return at < 0 ? [...events.slice(0, 4), event, ...events.slice(4)] : [...events.slice(0, at), event, ...events.slice(at + 1)];
};

const named = ({ path }: NamedPlace): string => path.join(".");

/** What only the API can read is emptied where it changes, and bears no label then. */
const isSealed = ({ path }: NamedPlace): boolean => path.length <= 3 && (path.at(-1) === "signature" || path.at(-1) === "data");

/** Whether the caller gets the secret, or something else than its label in its place. */
const isLeak = (row: NamedPlace, wire: string): boolean => wire.includes(secret) || (!wire.includes("[AWS_KEY]") && !isSealed(row));

const stringKinds: ReadonlySet<Place["kind"]> = new Set(["text", "token", "field", "sealed"]);
const isString = ({ place }: NamedPlace): boolean => stringKinds.has(place.kind);

const eventAt = (type: string, { path, place }: NamedPlace): string => {
  const said = merged({ index: 0 }, valueAt(path, saidAt(place)));
  return eventOf(type, typeof said === "object" ? { ...said } : {});
};

/** The cells of the matrix, counted as they pass. */
const passed = new Map<string, number>();

const leaksOf = (column: string, rows: readonly NamedPlace[], wire: (row: NamedPlace) => string): string[] => {
  const leaks = rows.filter((row) => isLeak(row, wire(row))).map(named);
  passed.set(column, (passed.get(column) ?? 0) + rows.length - leaks.length);
  return leaks;
};

const eventRows = [...eventTables].map(([type, { places }]) => ({
  type,
  rows: pathsOf(places).filter((row) => isString(row) && named(row) !== "type"),
}));

/** Bytes of a read that cuts every event, and nearly every value in it. */
const smallRead = 17;

const one: Cutter = (text) => piecesOf(text, 1);
const said = `the key is ${secret}, keep it`;
const running: readonly Block[] = [
  { type: "text", text: said },
  { type: "thinking", thinking: said, signature: "" },
  { type: "tool_use", id: "toolu_1", name: "send", input: { note: said } },
  { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: said } },
  { type: "mcp_tool_use", id: "mcptoolu_1", name: "send", input: [said] },
];

describe("no secret reaches the caller", () => {
  afterAll(() => {
    // biome-ignore lint/suspicious/noConsole: the matrix is printed, as the size of what was looked at.
    console.log(`leak matrix of the Messages API, cells passed: ${[...passed].map(([column, cells]) => `${column} ${cells}`).join(", ")}`);
  });

  it("from any path of a whole message", () => {
    const rows = pathsOf(messageAnswerPlaces).filter(isString);
    expect(rows.length).toBeGreaterThan(500);
    expect(
      leaksOf("whole", rows, ({ path, place }) => maskedWhole(merged(messageOf({ content: [hello] }), valueAt(path, saidAt(place))))),
    ).toEqual([]);
  });

  it.each(eventRows)("from any path of a streamed $type", ({ type, rows }) => {
    expect(leaksOf("streamed", rows, (row) => maskedStream(streamWith(type, eventAt(type, row)), 100_000))).toEqual([]);
  });

  it.each(eventRows)("from any path of a streamed $type that comes in pieces", ({ type, rows }) => {
    expect(leaksOf("in pieces", rows, (row) => maskedStream(streamWith(type, eventAt(type, row)), smallRead))).toEqual([]);
  });

  it.each([
    { [secret]: 1 },
    { content: [{ [secret]: 1 }] },
    { content: [{ type: "hologram", content: { [secret]: { text: "x" } } }] },
    { content: { [secret]: { type: "text" } } },
    { content: [{ type: "tool_use", input: { [secret]: [secret] } }] },
  ])("from a key of %j", (over) => {
    const wire = maskedWhole({ ...messageOf({ content: [] }), ...over });
    expect(wire).not.toContain(secret);
    expect(wire).toContain("[AWS_KEY]");
  });

  it.each(running)("from a $type of one-character deltas", (block) => {
    const content = [hello, block, { type: "hologram" }];
    const wire = maskedStream(messageEvents({ content }, one), smallRead);
    expect(wire).not.toContain(secret);
    expect(accumulated(wire)).toEqual(JSON.parse(maskedWhole(messageOf({ content }))));
    expect(JSON.stringify(accumulated(wire).content)).toBe(JSON.stringify(content).replace(secret, "[AWS_KEY]"));
    passed.set("one-character deltas", (passed.get("one-character deltas") ?? 0) + 1);
  });

  it.each(Array.from(said, (_, at) => at))("from two text blocks cut at character %i", (at) => {
    const content = [said.slice(0, at), said.slice(at)].map((text) => ({ type: "text", text }));
    const texts = accumulated(maskedStream(messageEvents({ content }, one), smallRead)).content.map(({ text }) => text);
    expect(texts.join("")).toBe(said.replace(secret, "[AWS_KEY]"));
    expect(maskedWhole(messageOf({ content }))).not.toContain(secret.slice(0, 8));
    passed.set("block boundaries", (passed.get("block boundaries") ?? 0) + 1);
  });
});
