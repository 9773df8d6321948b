/** What is not masked goes through as it came: byte for byte where nobody masks, and outside of texts where nothing matches, however odd the stream is written. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ChunkGrammar } from "../../adapters/openai/chunk-grammar.ts";
import { chatChunkPlaces, completionsChunkPlaces } from "../../adapters/openai/places.ts";
import { ResponsesGrammar } from "../../adapters/openai/responses/grammar.ts";
import type { StreamGrammar } from "../../adapters/shared/events/index.ts";
import { compile, laneOptions } from "../../policy/masking/index.ts";
import { maskedStream } from "../support/masked-answers.ts";
import { eventsOf } from "../support/responses-stream.ts";

const program = compile(
  [
    { name: "email", pattern: "(?<![\\w.+-])[\\w.+-]{1,64}@[a-z]{1,20}\\.[a-z]{2,8}" },
    { name: "aws-key", pattern: "\\bAKIA[0-9A-Z]{16}\\b", credential: true },
  ],
  laneOptions(),
);

/** Texts in which nothing matches, and some things nearly do. */
const texts = fc.array(fc.constantFrom("hello ", "it's ", "AKIA ", "a@ ", "é", "😀 ", '"quoted" ', "\n", "x. "), {
  minLength: 1,
  maxLength: 8,
});

interface Api {
  readonly name: string;
  readonly grammar: () => StreamGrammar;
  /** The data of a stream's events. */
  readonly events: (pieces: readonly string[]) => readonly string[];
  /** Where a delta says its text; undefined for other events. */
  readonly said: (data: string) => string | undefined;
}

const chunk = (choice: object): string =>
  JSON.stringify({ id: "c-1", object: "chunk", created: 1, choices: [{ index: 0, finish_reason: null, ...choice }] });
const choiceOf = (data: string): Record<string, unknown> => JSON.parse(data).choices[0];
const stringOr = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

const apis: readonly Api[] = [
  {
    name: "chat",
    grammar: () => new ChunkGrammar(chatChunkPlaces, false),
    events: (pieces) => [...pieces.map((content) => chunk({ delta: { content } })), chunk({ delta: {}, finish_reason: "stop" }), "[DONE]"],
    said: (data) => (data === "[DONE]" ? undefined : stringOr(Reflect.get(choiceOf(data).delta as object, "content"))),
  },
  {
    name: "completions",
    grammar: () => new ChunkGrammar(completionsChunkPlaces, false),
    events: (pieces) => [...pieces.map((text) => chunk({ text })), chunk({ finish_reason: "stop" }), "[DONE]"],
    said: (data) => (data === "[DONE]" ? undefined : stringOr(choiceOf(data).text)),
  },
  {
    name: "responses",
    grammar: () => new ResponsesGrammar(),
    events: (pieces) => {
      const content = [{ type: "output_text", text: pieces.join(""), annotations: [], logprobs: [] }];
      const output = [{ type: "message", id: "msg_1", role: "assistant", status: "completed", content }];
      return eventsOf({ id: "resp_1", status: "completed", output }, () => pieces).map((event) => JSON.stringify(event));
    },
    said: (data) => stringOr(JSON.parse(data).delta),
  },
];

/** Ways to write an event that mean the same (WHATWG HTML section 9.2.6). */
const style = fc.record({
  end: fc.constantFrom("\n", "\n", "\r\n", "\r"),
  before: fc.constantFrom("", "", "", ": a comment", "retry: 3000", "id: 7", "event: message"),
  space: fc.constantFrom("", " "),
  lines: fc.boolean(),
});

type Style = typeof style extends fc.Arbitrary<infer S> ? S : never;

const written = (data: string, { end, before, space, lines }: Style): string => {
  const field = `data:${space}`;
  const rows = lines && data.startsWith("{") ? ["{", data.slice(1)] : [data];
  return `${before === "" ? "" : before + end}${rows.map((row) => field + row + end).join("")}${end}`;
};

const cut = (wire: string, cuts: readonly number[]): readonly Buffer[] => {
  const bytes = Buffer.from(wire);
  const places = [...new Set([0, ...cuts.map((at) => at % bytes.length), bytes.length])].sort((a, b) => a - b);
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
};

/** The data of each event, lines joined, as a client reads it. */
const dataOf = (wire: string): string[] =>
  wire
    .split(/\r\n\r\n|\n\n|\r\r/)
    .map((event) => event.split(/\r\n|\n|\r/).filter((line) => line.startsWith("data:")))
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => line.slice("data:".length).replace(/^ /, "")).join("\n"));

const streams = fc.record({
  pieces: texts,
  styles: fc.array(style, { minLength: 1, maxLength: 6 }),
  cuts: fc.array(fc.nat(), { maxLength: 12 }),
  finalNewline: fc.boolean(),
});

const wireOf = (
  { events }: Api,
  { pieces, styles, finalNewline }: { pieces: readonly string[]; styles: readonly Style[]; finalNewline: boolean },
): string => {
  const wire = events(pieces)
    .map((data, index) => written(data, styles[index % styles.length] as Style))
    .join("");
  return finalNewline ? wire : wire.replace(/[\r\n]+$/, "");
};

/** The last event ends with its carriage return; a line feed that comes in a later read is nobody's. */
const lastLine = (wire: string): string => wire.replace(/\r\n$/, "\r");

describe.each(apis)("a stream of $name", (api) => {
  it("goes through byte for byte where nobody masks", async () => {
    await fc.assert(
      fc.asyncProperty(streams, async (stream) => {
        const wire = wireOf(api, stream);
        expect(lastLine(await maskedStream(api.grammar(), cut(wire, stream.cuts), undefined))).toBe(lastLine(wire));
      }),
    );
  });

  it("says the same and is the same outside of its texts where nothing matches", async () => {
    await fc.assert(
      fc.asyncProperty(streams, async (stream) => {
        const wire = wireOf(api, stream);
        const came = dataOf(await maskedStream(api.grammar(), cut(wire, stream.cuts), program));
        const sent = dataOf(wire);
        const saying = (events: readonly string[]) => events.map((data) => api.said(data) ?? "").join("");
        expect(saying(came)).toBe(saying(sent));
        const others = (events: readonly string[]) => events.filter((data) => api.said(data) === undefined);
        expect(others(came)).toEqual(others(sent));
      }),
    );
  });
});
