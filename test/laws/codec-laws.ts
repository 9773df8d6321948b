/** The laws that every adapter's codec passes (src/envelope/message.ts), for each adapter's test to run over its own messages. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StreamCodec, TextCodec } from "../../src/envelope/message.ts";
import type { Lane } from "../../src/envelope/text.ts";

export interface MessageSubject<M> {
  readonly name: string;
  /** Fresh messages, each with the codec that reads it. */
  readonly messages: fc.Arbitrary<{ readonly message: M; readonly codec: TextCodec<M> }>;
  readonly wire: (message: M) => string;
  /** The value at a path of what stands on the wire; undefined where the path leads through an object's key that changed. */
  readonly textAt: (wire: string, path: readonly (string | number)[]) => unknown;
  /** What stands on the wire, without the values at these paths: to see that nothing else changed. */
  readonly without: (wire: string, paths: readonly (readonly (string | number)[])[]) => unknown;
}

/** Laws of messages, whole ones and those of streams. */
export const messageLaws = <M>({ name, messages, wire, textAt, without }: MessageSubject<M>): void => {
  describe(`the codec of ${name}`, () => {
    it("returns the very same message, and so the same bytes, when no text changes", () => {
      fc.assert(
        fc.property(messages, ({ message, codec }) => {
          const texts = codec.spans(message).map(({ text }) => text);
          expect(codec.rewrite(message, texts)).toBe(message);
        }),
      );
    });

    it("pairs rewritten texts with spans, one for one, and leaves everything else as it was", () => {
      fc.assert(
        fc.property(messages, fc.nat(), fc.string({ unit: "binary" }), ({ message, codec }, pick, other) => {
          const spans = codec.spans(message);
          if (spans.length === 0) return;
          const at = pick % spans.length;
          const texts = spans.map(({ text }, index) => (index === at ? other : text));
          const rewritten = codec.rewrite(message, texts);
          expect(codec.spans(rewritten).map(({ text }) => text)).toEqual(texts);
          const path = spans[at]?.path ?? [];
          if (textAt(wire(message), path) !== spans[at]?.text) return;
          expect(textAt(wire(rewritten), path)).toBe(other);
          expect(without(wire(rewritten), [path])).toEqual(without(wire(message), [path]));
        }),
      );
    });

    it("keeps changed texts apart from the order of changes", () => {
      fc.assert(
        fc.property(messages, ({ message, codec }) => {
          const original = codec.spans(message).map(({ text }) => text);
          const changed = codec.rewrite(
            message,
            original.map((text) => `${text}!`),
          );
          const back = codec.rewrite(changed, original);
          expect(codec.spans(back).map(({ text }) => text)).toEqual(original);
        }),
      );
    });
  });
};

export interface StreamSubject<M> {
  readonly name: string;
  /** Whole streams, read from their beginning, each with its codec. */
  readonly streams: fc.Arbitrary<{ readonly messages: readonly M[]; readonly codec: StreamCodec<M> }>;
}

/** Laws of streams. */
export const streamLaws = <M>({ name, streams }: StreamSubject<M>): void => {
  describe(`the stream codec of ${name}`, () => {
    it("says nothing on a lane after its close", () => {
      fc.assert(
        fc.property(streams, ({ messages, codec }) => {
          const closed = new Set<Lane>();
          for (const message of messages) {
            for (const span of codec.spans(message)) expect(closed).not.toContain(span.lane);
            for (const { lane } of codec.closes(message)) {
              expect(closed).not.toContain(lane);
              closed.add(lane);
            }
          }
        }),
      );
    });

    it("closes within a message whatever it cannot carry later", () => {
      fc.assert(
        fc.property(streams, fc.string({ minLength: 1 }), ({ messages, codec }, text) => {
          const last = messages.at(-1);
          const open = new Set<Lane>();
          for (const message of messages) {
            for (const { lane } of codec.spans(message)) open.add(lane);
            for (const { lane } of codec.closes(message)) open.delete(lane);
          }
          if (last === undefined) return;
          for (const lane of open)
            expect(codec.spans(codec.carry(lane, text, last)).map((span) => [span.lane, span.text])).toEqual([[lane, text]]);
        }),
      );
    });

    it("ends at a limit with one last message that says so, and no text, where the API has a word for it", () => {
      fc.assert(
        fc.property(streams, fc.nat(), ({ messages, codec }, pick) => {
          const before = messages.slice(0, messages.length === 0 ? 0 : pick % messages.length);
          const like = before.at(-1);
          if (like === undefined || before.some((message) => codec.ends(message))) return;
          for (const message of before) {
            const rewritten = codec.rewrite(
              message,
              codec.spans(message).map(({ text }) => text),
            );
            codec.told?.(rewritten);
          }
          const end = codec.endAtLimit?.(like, { input: 3, output: 5 });
          if (end === undefined) return;
          expect(end.map((message) => codec.ends(message))).toEqual(end.map((_, index) => index === end.length - 1));
          expect(end.flatMap((message) => codec.spans(message))).toEqual([]);
          expect(codec.usage(end.at(-1) ?? like)).toEqual({ input: 3, output: 5 });
        }),
      );
    });

    it("shows usage, visibility and the end without a doubt", () => {
      fc.assert(
        fc.property(streams, ({ messages, codec }) => {
          for (const message of messages) {
            const closed = codec.closes(message).map(({ lane }) => lane);
            if (codec.ends(message)) for (const { lane } of codec.spans(message)) expect(closed).toContain(lane);
            if (codec.onlyText(message))
              expect([codec.closes(message), codec.usage(message), codec.ends(message)]).toEqual([[], undefined, false]);
          }
        }),
      );
    });
  });
};
