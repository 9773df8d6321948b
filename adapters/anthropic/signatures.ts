/**
 * Signed thinking in answers. A signature vouches for the very words it was made for: where masking changed them it is emptied, in streams too, and
 * the block is taken out of later requests (`unsigned.ts`), for the API refuses it.
 */

import type { TextCodec } from "../../src/envelope/message.ts";
import { framedCodec } from "../shared/document.ts";
import type { FramedMessage } from "../shared/frame.ts";
import { withFields } from "../shared/limited-answer.ts";
import { looksSealed } from "../shared/locate.ts";
import { field, placeTable } from "../shared/place.ts";
import { limitEnding } from "./ending.ts";

type Path = readonly (string | number)[];

/** `content.0.signature`; deeper are the words of documents. */
const deepest = 3;

const sealNames: ReadonlySet<unknown> = new Set(["signature", "data"]);

/** Whether a path leads to what signs a block's thinking, or to thinking that only the API can read: `content.0.signature`, `delta.signature`. */
export const isSeal = (path: Path): boolean =>
  path.length > 1 && path.length <= deepest && sealNames.has(path.at(-1)) && path.at(-2) !== "source";

/** Whether a path leads to thinking in words. */
export const isThought = (path: Path): boolean => path.length > 1 && path.length <= deepest && path.at(-1) === "thinking";

/** A seal as it goes on: empty where the words that it vouches for changed, and where it is no seal but a text in which something was masked. */
export const sealAfter = (came: string, masked: string, broken: boolean): string => {
  if (broken) return "";
  return masked === came || looksSealed(came) ? came : "";
};

const endingPlaces = placeTable({ stop_reason: field("stop_reason"), stop_sequence: field("stop_sequence") });

const blockOf = (path: Path): string => path.slice(0, -1).join("\n");

/** The texts of a whole message with its seals as they go on. */
const sealed = (message: FramedMessage, texts: readonly string[]): readonly string[] => {
  const spans = framedCodec.spans(message);
  const broken = new Set<string>();
  spans.forEach(({ path, text }, index) => {
    if (isThought(path) && texts[index] !== text) broken.add(blockOf(path));
  });
  return texts.map((text, index) => {
    const span = spans[index];
    return span !== undefined && isSeal(span.path) ? sealAfter(span.text, text, broken.has(blockOf(span.path))) : text;
  });
};

/** Shows and rewrites whole answers. */
export const answerCodec: TextCodec<FramedMessage> = {
  ...framedCodec,
  rewrite: (message, texts) =>
    framedCodec.rewrite(message, message.frame.slots.some(({ path }) => isSeal(path)) ? sealed(message, texts) : texts),
  atLimit: (message) =>
    withFields(message, endingPlaces, ({ name }) => (name === "stop_reason" ? limitEnding.stop_reason : limitEnding.stop_sequence)),
};
