/** The laws of reading the text in protobuf and proto-JSON messages, over random messages of random types; protobuf-es is the oracle. */

import { clone, equals, fromBinary, fromJson, toBinary, toJson } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type GeneratedMessage, generatedMessages } from "../support/generated-protos.ts";
import { directionOf } from "../support/message-direction.ts";
import { type Change, type FoundText, MessageTexts } from "../support/message-texts.ts";

const encodings = ["proto", "json"] as const;

const bytesOf = ({ descriptor, message, registry }: GeneratedMessage, encoding: (typeof encodings)[number]): Buffer =>
  encoding === "proto"
    ? Buffer.from(toBinary(descriptor, message))
    : Buffer.from(JSON.stringify(toJson(descriptor, message, { registry })));

const decode = ({ descriptor, registry }: GeneratedMessage, bytes: Uint8Array, encoding: (typeof encodings)[number]) =>
  encoding === "proto" ? fromBinary(descriptor, bytes) : fromJson(descriptor, JSON.parse(Buffer.from(bytes).toString()), { registry });

/** The message with its texts changed, and what texts it had. */
const oracle = (
  generated: GeneratedMessage,
  encoding: (typeof encodings)[number],
  change: Change = (text) => text,
): { readonly found: readonly FoundText[]; readonly changed: GeneratedMessage["message"] } => {
  const changed = clone(generated.descriptor, generated.message);
  const texts = new MessageTexts(generated.registry, change, encoding === "json");
  texts.visit(reflect(generated.descriptor, changed));
  return { found: texts.found, changed };
};

const sorted = (texts: readonly FoundText[]): readonly string[] => texts.map((text) => JSON.stringify(text)).sort();

const isType = (path: readonly (string | number)[]): boolean => path.at(-1) === "@type";

const mark: Change = (text) => `<${text}€>`;

for (const encoding of encodings) {
  describe(`reading ${encoding} messages`, () => {
    it("gives the very same bytes back when no text changes", () => {
      fc.assert(
        fc.property(generatedMessages, (generated) => {
          const bytes = bytesOf(generated, encoding);
          const read = directionOf(generated).open(encoding).read(bytes);
          expect(read.rewrite(read.spans.map(({ text }) => text))).toBe(read.bytes);
          expect(Buffer.from(read.bytes).equals(bytes)).toBe(true);
        }),
      );
    });

    it("shows every text that a decoder finds, at its path, and no other", () => {
      fc.assert(
        fc.property(generatedMessages, (generated) => {
          const read = directionOf(generated).open(encoding).read(bytesOf(generated, encoding));
          expect(read.visibility).not.toBe("none");
          const shown = read.spans.map(({ path, text }): FoundText => [path.map(String).join("/"), text]);
          expect(sorted(shown)).toEqual(sorted(oracle(generated, encoding).found));
        }),
      );
    });

    it("changes the texts that are changed and nothing else", () => {
      fc.assert(
        fc.property(generatedMessages, (generated) => {
          const read = directionOf(generated).open(encoding).read(bytesOf(generated, encoding));
          const rewritten = read.rewrite(read.spans.map(({ path, text }) => (isType(path) ? text : mark(text))));
          const { changed } = oracle(generated, encoding, mark);
          const decoded = decode(generated, rewritten, encoding);
          expect(equals(generated.descriptor, decoded, changed, { registry: generated.registry })).toBe(true);
        }),
      );
    });

    it("gives every text a lane of its own, which closes with the message", () => {
      fc.assert(
        fc.property(generatedMessages, (generated) => {
          const reader = directionOf(generated).open(encoding);
          const bytes = bytesOf(generated, encoding);
          const lanes = [reader.read(bytes), reader.read(bytes)].flatMap(({ spans, closings }) => {
            expect(closings.map(({ lane }) => lane)).toEqual(spans.map(({ lane }) => lane));
            return spans.map(({ lane }) => lane);
          });
          expect(new Set(lanes).size).toBe(lanes.length);
        }),
      );
    });

    it("takes whatever bytes come: what it cannot read, it says so of", () => {
      fc.assert(
        fc.property(generatedMessages, fc.nat(), fc.uint8Array({ maxLength: 6 }), (generated, at, noise) => {
          const bytes = bytesOf(generated, encoding);
          const cut = at % (bytes.length + 1);
          for (const broken of [
            bytes.subarray(0, cut),
            Buffer.concat([bytes.subarray(0, cut), noise, bytes.subarray(cut)]),
            Buffer.from(noise),
          ]) {
            const read = directionOf(generated).open(encoding).read(broken);
            if (read.visibility === "none") expect(read.rewrite([])).toBe(read.bytes);
            else read.rewrite(read.spans.map(({ text }) => `${text}!`));
          }
        }),
      );
    });
  });
}
