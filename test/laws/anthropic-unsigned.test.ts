/** Taking thinking out of requests: what is left is the request without it, whatever its spelling. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { withoutUnvouched } from "../../adapters/anthropic/unsigned.ts";

const words = fc.string({ unit: fc.constantFrom(...'ab,[]{}"\\\n '), maxLength: 8 });
const signature = fc.constantFrom("", "c2lnbmVk");
const thinking = fc.record({ type: fc.constant("thinking"), thinking: words, signature }, { requiredKeys: ["type", "thinking"] });
const redacted = fc.record({ type: fc.constant("redacted_thinking"), data: signature }, { requiredKeys: ["type"] });
const text = fc.record({ type: fc.constant("text"), text: words, signature: fc.constant("") }, { requiredKeys: ["type", "text"] });
const content = fc.oneof(words, fc.array(fc.oneof(thinking, redacted, text), { maxLength: 4 }));
const request = fc.record({
  model: words,
  messages: fc.array(fc.record({ role: fc.constant("assistant"), content }), { maxLength: 4 }),
  tail: words,
});

type Request = typeof request extends fc.Arbitrary<infer T> ? T : never;
type Content = Request["messages"][number]["content"];

const isThinking = (block: { readonly type: string }): boolean => block.type === "thinking" || block.type === "redacted_thinking";

const isSigned = (block: object): boolean => ("signature" in block && block.signature !== "") || ("data" in block && block.data !== "");

/** What stays of a list of blocks; undefined where it loses all of them. */
const staying = (blocks: Content, message: number, broken: ReadonlySet<string>, unsigned: boolean): Content | undefined => {
  if (typeof blocks === "string") return blocks;
  const kept = blocks.filter(
    (block, index) => !(isThinking(block) && (broken.has(`${message}.${index}`) || (unsigned && !isSigned(block)))),
  );
  return kept.length === 0 && blocks.length > 0 ? undefined : kept;
};

const expected = (asked: Request, broken: ReadonlySet<string>, unsigned: boolean): unknown => ({
  ...asked,
  messages: asked.messages.flatMap((message, index) => {
    const kept = staying(message.content, index, broken, unsigned);
    return kept === undefined ? [] : [{ ...message, content: kept }];
  }),
});

const keys = fc.uniqueArray(
  fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 })).map(([message, block]) => `${message}.${block}`),
  { maxLength: 4 },
);

describe("thinking that nobody vouches for", () => {
  it("is all that goes, and its messages where nothing else is in them", () => {
    fc.assert(
      fc.property(request, keys, fc.boolean(), fc.constantFrom(0, 1, 3), (asked, broken, unsigned, indent) => {
        const json = JSON.stringify(asked, null, indent);
        const sent = withoutUnvouched(json, { broken: new Set(broken), unsigned });
        const wanted = expected(asked, new Set(broken), unsigned);
        expect(JSON.parse(sent)).toEqual(wanted);
        if (JSON.stringify(wanted) === JSON.stringify(asked)) expect(sent).toBe(json);
      }),
    );
  });
});
