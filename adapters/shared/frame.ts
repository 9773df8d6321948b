/**
 * A text message taken apart: what stays (the frame) and the texts in it. Written back, every code unit of the frame and every text that did not
 * change is as it came.
 */

import { escapeJson, numberOrString, unescapeJson } from "../../src/envelope/json/index.ts";
import type { TokenUsage, Visibility } from "../../src/envelope/message.ts";
import type { Author, Closing, Lane, Syntax, TextSpan } from "../../src/envelope/text.ts";
import { UniqueKeys } from "./unique-keys.ts";

/**
 * How a slot's text is written: between the quotes of a JSON string or of an object's key; as a JSON number, which becomes a string when it changes;
 * on one line of an SSE event; as it is; or not at all, for text that is known but not said.
 */
export type SlotForm = "string" | "key" | "number" | "line" | "bare" | "unsaid";

/** A place in a frame that takes text. */
export interface Slot {
  readonly lane: Lane;
  readonly author: Author;
  readonly syntax: Syntax;
  readonly path: readonly (string | number)[];
  readonly form: SlotForm;
  /** False for what differs from message to message and is nobody's text. */
  readonly shown: boolean;
}

export interface Frame {
  /** The text around the slots; one more than there are slots. */
  readonly literals: readonly string[];
  readonly slots: readonly Slot[];
  readonly visibility: Visibility;
  readonly usage: TokenUsage | undefined;
  readonly closings: readonly Closing[];
  readonly onlyText: boolean;
  readonly ends: boolean;
}

/** A message in frame form. `raws` are the slots' texts as they are written, `texts` what they spell. */
export interface FramedMessage {
  readonly frame: Frame;
  readonly texts: readonly string[];
  readonly raws: readonly string[];
  /** The whole message as it came; undefined once a text has changed. */
  readonly whole: string | undefined;
}

/** What a frame says beyond its text, when there is nothing to say. */
export const quietFrame = {
  visibility: "whole",
  usage: undefined,
  closings: [],
  onlyText: false,
  ends: false,
} as const satisfies Partial<Frame>;

const lineBreaks = /[\r\n]+/g;

const write = (form: SlotForm, text: string): string => {
  switch (form) {
    case "string":
    case "key":
      return escapeJson(text);
    case "number":
      return numberOrString(text);
    case "line":
      return text.replace(lineBreaks, " ");
    case "bare":
      return text;
    case "unsaid":
      return "";
  }
};

/** The text that a slot's writing spells. */
export const readSlot = (form: SlotForm, raw: string): string => (form === "string" || form === "key" ? unescapeJson(raw) : raw);

/** The message as it goes on the wire. */
export const wireText = ({ frame, raws, whole }: FramedMessage): string => {
  if (whole !== undefined) return whole;
  const { literals } = frame;
  let wire = literals[0] ?? "";
  for (let index = 0; index < raws.length; index++) wire += (raws[index] ?? "") + (literals[index + 1] ?? "");
  return wire;
};

/** The message's texts as the core sees them. */
export const framedSpans = ({ frame, texts }: FramedMessage): TextSpan[] => {
  const spans: TextSpan[] = [];
  for (let index = 0; index < texts.length; index++) {
    const slot = frame.slots[index];
    if (slot?.shown !== true) continue;
    spans.push({ lane: slot.lane, author: slot.author, syntax: slot.syntax, path: slot.path, text: texts[index] ?? "" });
  }
  return spans;
};

const keysOf = ({ frame, texts }: FramedMessage): UniqueKeys =>
  new UniqueKeys(texts.filter((_, index) => frame.slots[index]?.form === "key").map((key) => ({ key })));

/** The message with its shown texts replaced; the very same object when none differs. */
export const rewriteFramed = (message: FramedMessage, shown: readonly string[]): FramedMessage => {
  const { frame } = message;
  let texts: string[] | undefined;
  let raws: string[] | undefined;
  let keys: UniqueKeys | undefined;
  let next = 0;
  for (let index = 0; index < message.texts.length; index++) {
    const slot = frame.slots[index];
    if (slot?.shown !== true) continue;
    const text = shown[next++] ?? "";
    if (text === message.texts[index]) continue;
    texts ??= [...message.texts];
    raws ??= [...message.raws];
    texts[index] = text;
    if (slot.form === "key") keys ??= keysOf(message);
    raws[index] = write(slot.form, keys !== undefined && slot.form === "key" ? keys.unique({ key: text }) : text);
  }
  return texts === undefined || raws === undefined ? message : { frame, texts, raws, whole: undefined };
};
