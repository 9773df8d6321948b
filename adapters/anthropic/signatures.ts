/**
 * Signed thinking in answers. A signature vouches for the very words it was made for: where masking changed them it is emptied, in streams too, and
 * the block is taken out of later requests (`unsigned.ts`), for the API refuses it.
 */

import type { TextCodec } from "../../src/envelope/message.ts";
import { framedCodec } from "../shared/document.ts";
import type { FramedMessage } from "../shared/frame.ts";

type Path = readonly (string | number)[];

/** What a block's signature vouches for, and what is no use once a letter of it has changed. */
const vouched = new Set(["thinking", "signature", "data"]);
const vouching = new Set(["signature", "data"]);

/** `content.0.thinking`; deeper are the words of documents. */
const deepest = 3;

const lastOf = (path: Path): string => String(path.at(-1));
const blockOf = (path: Path): string => path.slice(0, -1).join("\n");

/** The texts of a message with the signatures emptied of blocks whose words changed. */
const withoutBroken = (message: FramedMessage, texts: readonly string[]): readonly string[] => {
  const spans = framedCodec.spans(message);
  const broken = new Set<string>();
  spans.forEach(({ path, text }, index) => {
    if (path.length <= deepest && vouched.has(lastOf(path)) && texts[index] !== text) broken.add(blockOf(path));
  });
  if (broken.size === 0) return texts;
  return texts.map((text, index) => {
    const path = spans[index]?.path ?? [];
    return vouching.has(lastOf(path)) && broken.has(blockOf(path)) ? "" : text;
  });
};

/** Shows and rewrites whole answers. */
export const answerCodec: TextCodec<FramedMessage> = {
  ...framedCodec,
  rewrite: (message, texts) => framedCodec.rewrite(message, withoutBroken(message, texts)),
};
