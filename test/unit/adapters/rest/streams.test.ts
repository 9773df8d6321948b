import { describe, expect, it } from "vitest";
import { bodyOf } from "../../../../adapters/rest/message.ts";
import { readChunks, type StreamKind } from "../../../support/rest-bodies.ts";

const read = (kind: StreamKind, ...chunks: readonly string[]) =>
  readChunks(
    kind,
    chunks.map((chunk) => Buffer.from(chunk)),
  );

const event = (data: unknown): string => `data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
const choice = (index: number, delta: unknown, finish_reason: string | null = null) => ({ choices: [{ index, delta, finish_reason }] });

const lanes = (kind: StreamKind, ...chunks: readonly string[]) => {
  const { messages, codec } = read(kind, ...chunks);
  return messages.flatMap((message) => codec.spans(message)).map(({ lane, syntax, text }) => [lane, syntax, text]);
};

const closings = (kind: StreamKind, ...chunks: readonly string[]) => {
  const { messages, codec } = read(kind, ...chunks);
  return messages.flatMap((message) => codec.closes(message)).filter(({ lane }) => lane.includes("~"));
};

describe("events", () => {
  it("are each a text of their own, in the syntax that it looks like", () => {
    expect(lanes("events", event({ a: 1 }), event("hello"), "data: [1,\ndata: 2]\n\n")).toEqual([
      ["event.1.data", "json", '{"a":1}'],
      ["event.2.data", "plain", "hello"],
      ["event.3.data", "json", "[1,\n2]"],
    ]);
  });

  it("keep words of the protocol to themselves, and show everything else", () => {
    expect(lanes("events", ": hi\nevent: row_added\nid: 12\nretry: 5\nnote: x\nid: a b\n\n")).toEqual([
      ["event.1.line.0", "plain", "hi"],
      ["event.1.line.4", "plain", "note: x"],
      ["event.1.line.5", "plain", "a b"],
    ]);
  });

  it("may be cut anywhere, their data by other lines too", () => {
    const { messages, codec } = read("events", 'data: {"a":\nid: 7\ndata: 1}\n\n');
    const [message] = messages;
    if (message === undefined) throw new Error("no message");
    expect(codec.spans(message).map(({ text }) => text)).toEqual(['{"a":\n1}']);
    expect(bodyOf(codec.rewrite(message, ['{"a":\n"[X]"}']))).toBe('data: {"a":\ndata: "[X]"}\nid: 7\n\n');
  });
});

describe("texts that run over a stream", () => {
  it("are told apart by their choice", () => {
    const stream = [choice(0, { content: "a" }), choice(1, { content: "b" }), choice(0, { content: "c" })].map(event);
    expect(lanes("events", ...stream).filter(([lane]) => lane?.includes("content~"))).toEqual([
      ["choices.0.delta.content~0", "plain", "a"],
      ["choices.1.delta.content~0", "plain", "b"],
      ["choices.0.delta.content~0", "plain", "c"],
    ]);
  });

  it("end with what says so, whole where the model came to its own end", () => {
    const text = event({ token: "a" });
    const lane = "token~0";
    expect(closings("events", text, event("[DONE]"))).toEqual([{ lane, complete: true }]);
    expect(closings("events", text)).toEqual([{ lane, complete: true }]);
    expect(closings("events", text, event({ generated_text: "a" }))).toEqual([{ lane, complete: true }]);
    const said = (reason: string) => closings("events", event(choice(0, { content: "a" })), event(choice(0, {}, reason)));
    expect(said("stop")).toEqual([{ lane: "choices.0.delta.content~0", complete: true }]);
    expect(said("length")).toEqual([{ lane: "choices.0.delta.content~0", complete: false }]);
  });

  it("have names of their own once those before them have ended", () => {
    expect(closings("events", event({ token: "a" }), event("[DONE]"), event({ token: "b" })).map(({ lane }) => lane)).toEqual([
      "token~0",
      "token~1",
    ]);
  });

  it("are carried, when held, by a message that their readers understand", () => {
    const events = read("events", event(choice(1, { content: "a" })));
    const carried = events.messages[0];
    const lane = events.codec.spans(carried ?? never()).find(({ keyed, path }) => keyed && path.at(-1) === "content")?.lane;
    const held = events.codec.carry(lane ?? never(), 'say "hi"', carried ?? never());
    expect(bodyOf(held)).toBe(event({ choices: [{ index: 1, delta: { content: 'say "hi"' } }] }));
    const lines = read("lines", '{"token":"a"}\n');
    expect(
      bodyOf(lines.codec.carry(lines.codec.spans(lines.messages[0] ?? never())[0]?.lane ?? never(), "b", lines.messages[0] ?? never())),
    ).toBe('{"token":"b"}\n');
  });

  it("are carried after what the stream has not ended, and not as a part of it", () => {
    const carried = (kind: StreamKind, body: string) => {
      const { messages, codec } = read(kind, body);
      const [message] = messages;
      const lane = codec.spans(message ?? never())[0]?.lane ?? never();
      return [...messages, codec.carry(lane, "b", message ?? never())].map(bodyOf).join("");
    };
    expect(carried("events", 'data: {"token":"a"}')).toBe(`data: {"token":"a"}\n\n${event({ token: "b" })}`);
    expect(carried("events", event({ token: "a" }))).toBe(event({ token: "a" }) + event({ token: "b" }));
    expect(carried("lines", '{"token":"a"}')).toBe('{"token":"a"}\n{"token":"b"}\n');
    expect(carried("lines", '{"token":"a"}\n')).toBe('{"token":"a"}\n{"token":"b"}\n');
  });

  it("have no rule by key cover the key itself", () => {
    const { messages, codec } = read("events", event({ token: "x", ssn: 1 }));
    expect(codec.spans(messages[0] ?? never()).map(({ text, keyed }) => [text, keyed])).toEqual([
      ["x", true],
      ["ssn", false],
      ["1", true],
    ]);
  });

  it("leave keys that are masked alike apart", () => {
    const { messages, codec } = read("events", event({ token: "x", ann: 1, bob: 2, "[NAME]": 3 }));
    const message = messages[0] ?? never();
    const texts = codec.spans(message).map(({ text }) => (text === "ann" || text === "bob" ? "[NAME]" : text));
    expect(bodyOf(codec.rewrite(message, texts))).toBe(event({ token: "x", "[NAME] 2": 1, "[NAME] 3": 2, "[NAME]": 3 }));
  });

  it("do not run in messages too large to be pieces of anything", () => {
    const large = { token: "x", list: Array.from({ length: 3_000 }, String) };
    expect(lanes("events", event(large)).map(([lane, syntax]) => [lane, syntax])).toEqual([["event.1.data", "json"]]);
    expect(lanes("lines", `{"token":"${"x".repeat(2_000_000)}"}\n`)[0]?.slice(0, 2)).toEqual(["line.0", "json"]);
  });
});

const never = (): never => {
  throw new Error("not there");
};
