import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { messageStream } from "../../adapters/anthropic/stream.ts";
import { type FramedMessage, wireText } from "../../adapters/shared/frame.ts";
import type { StreamCodec } from "../../src/envelope/message.ts";
import { disorderlyStreams, messageStreams } from "../support/anthropic-events.ts";
import { eventOf, messageEvents } from "../support/anthropic-messages.ts";
import { messageLaws, streamLaws } from "./codec-laws.ts";

interface Read {
  readonly messages: FramedMessage[];
  readonly codec: StreamCodec<FramedMessage>;
}

/** `whole`: the upstream has ended its body. */
const read = (chunks: readonly Buffer[], whole = true): Read => {
  const { events, codec } = messageStream();
  const messages: FramedMessage[] = [];
  for (const chunk of chunks) {
    events.push(chunk, messages);
    while (events.paused) events.readOn(messages);
  }
  if (whole) events.end(messages);
  return { messages, codec };
};

const dataOf = (wire: string): unknown => {
  const lines = wire.split(/\r\n|\r|\n/).filter((line) => line.startsWith("data:"));
  const text = lines.map((line) => line.slice("data:".length)).join("\n");
  return text.trim() === "" ? undefined : JSON.parse(text);
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

const streams = messageStreams.map((events) => read([Buffer.from(events.join(""))]));
const broken = fc
  .tuple(messageStreams, fc.nat())
  .map(([events, end]) => read([Buffer.from(events.slice(0, 1 + (end % events.length)).join(""))], false));

streamLaws({ name: "Anthropic messages", streams });
streamLaws({ name: "Anthropic messages that broke off", streams: broken });
streamLaws({
  name: "events of Anthropic's API in no order",
  streams: disorderlyStreams.map((events) => read([Buffer.from(events.join(""))])),
});

const isSealed = ({ frame }: FramedMessage): boolean => frame.slots.some(({ path }) => path.at(-1) === "signature");

messageLaws({
  name: "the events of Anthropic messages",
  messages: fc
    .tuple(streams, fc.nat())
    .map(([{ messages, codec }, pick]) => ({ messages: messages.filter((message) => !isSealed(message)), codec, pick }))
    .map(({ messages, codec, pick }) => ({ message: messages[pick % messages.length], codec }))
    .filter((subject): subject is { message: FramedMessage; codec: StreamCodec<FramedMessage> } => subject.message !== undefined),
  wire: wireText,
  textAt: (wire, path) => at(dataOf(wire), path),
  without: (wire, [path = []]) => without(dataOf(wire), path),
});

const cut = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const places = [...cuts.map((place) => place % (bytes.length + 1)), 0, bytes.length].sort((a, b) => a - b);
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
};

describe("reading a streamed message", () => {
  it("passes every byte on, in order, however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.oneof(messageStreams, disorderlyStreams), fc.array(fc.nat(), { maxLength: 20 }), (events, cuts) => {
        const bytes = Buffer.from(events.join(""));
        expect(read(cut(bytes, cuts)).messages.map(wireText).join("")).toBe(bytes.toString());
      }),
    );
  });

  it("shows the same texts on the same lanes, however the bytes are cut", () => {
    fc.assert(
      fc.property(messageStreams, fc.array(fc.nat(), { maxLength: 20 }), (events, cuts) => {
        const bytes = Buffer.from(events.join(""));
        const said = ({ messages, codec }: Read) => messages.flatMap((message) => [...codec.spans(message), ...codec.closes(message)]);
        const lanesOf = (found: ReturnType<typeof said>) =>
          found.map((each) => ({ ...each, lane: each.lane.replace(/@\d+$/, "").replace(/^line\.\d+$/, "line") }));
        expect(lanesOf(said(read(cut(bytes, cuts))))).toEqual(lanesOf(said(read([bytes]))));
      }),
    );
  });

  it("takes an event that nothing ends for the last one", () => {
    const wire = messageEvents({ content: [{ type: "text", text: "hello" }] }, (all) => [all]).join("");
    for (const missing of [1, 2]) {
      const { messages } = read([Buffer.from(wire.slice(0, -missing))]);
      expect(messages.map(wireText).join("")).toBe(wire.slice(0, -missing));
    }
  });

  it("does not take a stream for whole that has not said so", () => {
    const events = messageEvents({ content: [{ type: "text", text: "hello" }] }, (all) => [all]);
    for (let end = 1; end < events.length; end++)
      expect(() => read([Buffer.from(events.slice(0, end).join(""))])).toThrow("could not be used");
  });

  it("lets the end of a block go when the next one begins, with pings in between in their order", () => {
    const { events } = messageStream();
    const out: FramedMessage[] = [];
    const push = (event: string): string[] => {
      out.length = 0;
      events.push(Buffer.from(event), out);
      while (events.paused) events.readOn(out);
      return out.map(wireText);
    };
    const [start, , begin, delta, stop] = messageEvents({ content: [{ type: "text", text: "hello" }] }, (all) => [all]);
    for (const event of [start, begin, delta]) push(event ?? "");
    expect(push(stop ?? "")).toEqual([]);
    expect(push(eventOf("ping"))).toEqual([]);
    const next = eventOf("content_block_start", { index: 1, content_block: { type: "text", text: "" } });
    expect(push(next)).toEqual([stop, eventOf("ping"), next]);
  });
});
