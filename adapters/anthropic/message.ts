/** A whole answer of `POST /v1/messages`. */

import type { FramedMessage } from "../shared/frame.ts";
import { type FoundField, type FoundText, locate } from "../shared/locate.ts";
import { messageOf } from "./document.ts";
import { isComplete } from "./ending.ts";
import { messageAnswerPlaces } from "./places.ts";
import { usageOf } from "./usage.ts";
import { isApiWord } from "./vocabulary.ts";

/** `content.0.type` */
const typeDepth = 3;

/** The blocks in which generation was cut: the last, where the message does not say that it came to its end, and each that another model took over. */
const cutBlocks = (fields: readonly FoundField[]): ReadonlySet<unknown> => {
  const blocks = fields.filter(({ name, path }) => name === "block" && path.length === typeDepth);
  const cut = new Set<unknown>();
  blocks.forEach(({ value }, index) => {
    if (value === "fallback") cut.add(blocks[index - 1]?.path[1]);
  });
  if (!isComplete(fields.find(({ name }) => name === "stop_reason")?.value)) cut.add(blocks.at(-1)?.path[1]);
  return cut;
};

/** What of a block is written word by word; the rest of it comes whole, or not at all. */
const generated: ReadonlySet<unknown> = new Set(["text", "thinking", "input"]);

/** The blocks whose thinking is signed: it came to its own end, whatever became of the rest. */
const signedBlocks = (texts: readonly FoundText[]): ReadonlySet<unknown> =>
  new Set(texts.filter(({ path, text }) => path.length === typeDepth && path[2] === "signature" && text !== "").map(({ path }) => path[1]));

/** Reads the message. Throws JsonError. */
export const readMessage = (text: string): FramedMessage => {
  const located = locate(text, { table: messageAnswerPlaces, passes: isApiWord });
  const { fields } = located;
  const cut = cutBlocks(fields);
  const signed = signedBlocks(located.texts);
  const isCut = ([list, block, part, ...deeper]: readonly (string | number)[]): boolean =>
    list === "content" && cut.has(block) && deeper.length === 0 && generated.has(part) && !(part === "thinking" && signed.has(block));
  return messageOf(text, located, { usage: usageOf(fields), cut: cut.size === 0 ? undefined : isCut });
};
