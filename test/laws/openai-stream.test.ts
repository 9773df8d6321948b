import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ChunkGrammar } from "../../adapters/openai/chunk-grammar.ts";
import { chatChunkPlaces } from "../../adapters/openai/places.ts";
import { isApiWord } from "../../adapters/openai/vocabulary.ts";
import { framedCodec } from "../../adapters/shared/document.ts";
import { EventReader, EventStream, SeenStrings } from "../../adapters/shared/events/index.ts";
import { type FramedMessage, wireText } from "../../adapters/shared/frame.ts";
import { chatEvents } from "../support/openai-events.ts";
import { chunkOf } from "../support/upstream.ts";
import { messageLaws, streamLaws } from "./codec-laws.ts";

const chatStream = (masked = false): EventStream =>
  new EventStream({ grammar: new ChunkGrammar(chatChunkPlaces, false), masked, walksIdentifiers: masked });

const read = (bytes: readonly Buffer[], masked = false): { stream: EventStream; messages: FramedMessage[] } => {
  const stream = chatStream(masked);
  const messages: FramedMessage[] = [];
  for (const chunk of bytes) {
    stream.push(chunk, messages);
    while (stream.paused) stream.readOn(messages);
  }
  stream.end(messages);
  return { stream, messages };
};

/** A stream that comes event by event, each let through unchanged before the next is read: nearly all of it is then read by comparing. */
const readUnchanged = (events: readonly string[], masked: boolean): FramedMessage[] => {
  const stream = chatStream(masked);
  const messages: FramedMessage[] = [];
  for (const event of events) {
    const from = messages.length;
    stream.push(Buffer.from(event), messages);
    for (const message of messages.slice(from)) {
      const texts = stream.codec.spans(message).map(({ text }) => text);
      expect(stream.codec.rewrite(message, texts)).toBe(message);
    }
  }
  return messages;
};

const dataOf = (wire: string): unknown => {
  const lines = wire.split(/\r\n|\r|\n/).filter((line) => line.startsWith("data:"));
  const text = lines.map((line) => line.slice("data:".length)).join("\n");
  return text.trim() === "" || text.trim() === "[DONE]" ? undefined : JSON.parse(text);
};

const at = (value: unknown, path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>((node, part) => (typeof node === "object" && node !== null ? Reflect.get(node, part) : undefined), value);

const without = (value: unknown, path: readonly (string | number)[]): unknown => {
  const copy = structuredClone(value);
  const parent = at(copy, path.slice(0, -1));
  const last = path.at(-1);
  if (typeof parent === "object" && parent !== null && last !== undefined) Reflect.set(parent, last, null);
  return copy;
};

const streams = chatEvents.map((events) => read([Buffer.from(events.join(""))]));

streamLaws({ name: "OpenAI chat", streams: streams.map(({ messages, stream }) => ({ messages, codec: stream.codec })) });

messageLaws({
  name: "OpenAI chat chunks",
  messages: fc
    .tuple(streams, fc.nat())
    .filter(([{ messages }]) => messages.length > 0)
    .map(([{ messages, stream }, pick]) => ({ message: messages[pick % messages.length] as FramedMessage, codec: stream.codec })),
  wire: wireText,
  textAt: (wire, path) => at(dataOf(wire), path),
  without: (wire, [path = []]) => without(dataOf(wire), path),
});

const facts = ({ frame, texts }: FramedMessage): unknown => {
  const { literals: _, ...rest } = frame;
  return { texts, rest };
};

describe("reading a chat stream", () => {
  it("gives the same messages however its bytes are cut", () => {
    fc.assert(
      fc.property(chatEvents, fc.array(fc.nat(), { maxLength: 20 }), (events, cuts) => {
        const bytes = Buffer.from(events.join(""));
        const places = [...cuts.map((cut) => cut % (bytes.length + 1)), 0, bytes.length].sort((a, b) => a - b);
        const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        const cut = read(chunks);
        const whole = read([bytes]);
        expect(cut.messages.map(wireText).join("")).toBe(whole.messages.map(wireText).join(""));
        const said = ({ messages, stream }: ReturnType<typeof read>) => messages.flatMap((message) => stream.codec.spans(message));
        expect(said(cut).map(({ text }) => text)).toEqual(said(whole).map(({ text }) => text));
      }),
    );
  });

  it("gives back every byte when nothing is changed", () => {
    fc.assert(
      fc.property(chatEvents, (events) => {
        const wire = events.join("");
        expect(
          read([Buffer.from(wire)])
            .messages.map(wireText)
            .join(""),
        ).toBe(wire);
      }),
    );
  });

  it("reads by comparing what parsing reads", () => {
    fc.assert(
      fc.property(chatEvents, fc.boolean(), (events, masked) => {
        const strings = new SeenStrings(isApiWord);
        const reader = new EventReader({
          grammar: new ChunkGrammar(chatChunkPlaces, false),
          masked,
          passes: (text) => !masked || strings.passes(text),
        });
        const parsed = events.map((event) => {
          const message = reader.read(Buffer.from(event).toString());
          strings.note(
            message,
            framedCodec.spans(message).map(({ text }) => text),
          );
          return message;
        });
        const messages = readUnchanged(events, masked);
        expect(messages.map(wireText)).toEqual(parsed.map(wireText));
        const seen = messages.map(({ texts, frame }) => ({
          texts,
          slots: frame.slots.map(({ shown, author, syntax, path }) => ({ shown, author, syntax, path })),
          onlyText: frame.onlyText,
          usage: frame.usage,
        }));
        const expected = parsed.map(({ texts, frame }) => ({
          texts,
          slots: frame.slots.map(({ shown, author, syntax, path }) => ({ shown, author, syntax, path })),
          onlyText: frame.onlyText,
          usage: frame.usage,
        }));
        expect(seen).toEqual(expected);
        expect(messages.map(facts).map((each) => JSON.stringify(each).replace(/@\d+/g, ""))).toEqual(
          parsed.map(facts).map((each) => JSON.stringify(each).replace(/@\d+/g, "")),
        );
      }),
    );
  });

  it("pauses behind a chunk whose identifiers are new, so that the chunks behind it can be read by comparing", () => {
    const [first = "", ...others] = ["a", "b", "c", "d"].map((content) => chunkOf({ content }));
    const stream = chatStream(true);
    const batches: FramedMessage[][] = [[]];
    stream.push(Buffer.from([first, ...others].join("")), batches[0] ?? []);
    while (stream.paused) {
      for (const message of batches.at(-1) ?? [])
        stream.codec.rewrite(
          message,
          stream.codec.spans(message).map(({ text }) => text),
        );
      const next: FramedMessage[] = [];
      stream.readOn(next);
      batches.push(next);
    }
    expect(batches.map((batch) => batch.length)).toEqual([1, 3]);
    const frames = batches.flat().map(({ frame }) => frame);
    expect(new Set(frames).size).toBe(2);
    expect(frames.map(({ slots }) => slots.length)).toEqual([3, 1, 1, 1]);
  });

  it("shows every text that a client could read, and nothing else", () => {
    fc.assert(
      fc.property(chatEvents, (events) => {
        const { stream, messages } = read([Buffer.from(events.join(""))]);
        for (const message of messages) {
          const value = dataOf(wireText(message));
          const shown = new Map(stream.codec.spans(message).map(({ path, text }) => [JSON.stringify(path), text]));
          const choices = at(value, ["choices"]);
          if (!Array.isArray(choices)) continue;
          choices.forEach((_, index) => {
            for (const field of ["content", "refusal", "reasoning", "reasoning_content"]) {
              const path = ["choices", index, "delta", field];
              const text = at(value, path);
              if (typeof text === "string") expect(shown.get(JSON.stringify(path))).toBe(text);
            }
          });
        }
      }),
    );
  });

  it("removes what repeats the text as numbers where text is masked", () => {
    fc.assert(
      fc.property(chatEvents, (events) => {
        for (const message of read([Buffer.from(events.join(""))], true).messages) expect(wireText(message)).not.toMatch(/"logprob":/);
      }),
    );
  });
});
