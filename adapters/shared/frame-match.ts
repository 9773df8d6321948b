/**
 * Reads a message that differs from an earlier one in its texts alone, without parsing it: nearly every event of a stream does.
 *
 * The earlier message was parsed in full. This one has the same code units everywhere outside its strings, and inside them nothing that would end one:
 * so it has the same structure, and everything else that was learned of the first holds for it too.
 */

import { unescapeJson } from "../../src/envelope/json/index.ts";
import type { Frame, FramedMessage, Slot } from "./frame.ts";

const quote = 0x22;
const backslash = 0x5c;
const firstPrintable = 0x20;
const zero = 0x30;
const nine = 0x39;

/** Digits of a counter; longer numbers could be somebody's. */
const mostDigits = 8;

/** The offset after a whole number; -1 when none begins at `from`, and for what is written otherwise than counters are. */
const endOfNumber = (text: string, from: number): number => {
  let at = from;
  let unit = text.charCodeAt(at);
  const leadingZero = unit === zero;
  while (unit >= zero && unit <= nine) unit = text.charCodeAt(++at);
  const digits = at - from;
  return digits === 0 || digits > mostDigits || (leadingZero && digits > 1) ? -1 : at;
};

/** The offset of the quote that ends the string whose inside begins at `from`; -1 when it holds a control character or does not end. */
const endOfString = (text: string, from: number): number => {
  for (let at = from; ; at++) {
    const unit = text.charCodeAt(at);
    if (unit === quote) return at;
    if (unit === backslash) at += 1;
    else if (!(unit >= firstPrintable)) return -1; // a control character, or NaN: the text ended
  }
};

/** Characters of what chance fills in; see `noiseForm` in locate.ts. */
const mostNoise = 16;
const isDigit = (unit: number): boolean => unit >= zero && unit <= nine;
const isLetter = (unit: number): boolean => (unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a;

/** The offset of the quote that ends what chance filled in, and that nobody reads; -1 where something else stands. */
const endOfNoise = (text: string, from: number): number => {
  let letters = 0;
  for (let at = from; at <= from + mostNoise; at++) {
    const unit = text.charCodeAt(at);
    if (isLetter(unit)) letters += 1;
    else if (unit === quote) return letters > 0 || at === from ? at : -1;
    else if (!isDigit(unit)) return -1;
  }
  return -1;
};

const endOfSlot = ({ form, shown }: Slot, text: string, from: number): number => {
  if (shown) return endOfString(text, from);
  return form === "number" ? endOfNumber(text, from) : endOfNoise(text, from);
};

const spelled = (raw: string): string | undefined => {
  if (!raw.includes("\\")) return raw;
  try {
    return unescapeJson(raw);
  } catch {
    return undefined;
  }
};

/** The message at `from`, if it fits the frame, all of whose slots must be strings or counters; undefined otherwise. */
export const matchFrame = (frame: Frame, text: string, from: number): FramedMessage | undefined => {
  const { literals, slots } = frame;
  const raws: string[] = new Array(slots.length);
  let texts: string[] | undefined;
  let at = from;
  for (let index = 0; index < slots.length; index++) {
    const literal = literals[index] ?? "";
    const start = at + literal.length;
    if (text.slice(at, start) !== literal) return undefined;
    at = start;
    const slot = slots[index];
    const end = slot === undefined ? -1 : endOfSlot(slot, text, at);
    if (end < 0) return undefined;
    const raw = text.slice(at, end);
    const spelling = spelled(raw);
    if (spelling === undefined) return undefined;
    // Texts without escapes are spelled as they are written: one array is both.
    if (spelling !== raw) texts ??= [...raws];
    raws[index] = raw;
    if (texts !== undefined) texts[index] = spelling;
    at = end;
  }
  const last = literals[slots.length] ?? "";
  return text.startsWith(last, at) ? { frame, texts: texts ?? raws, raws, whole: text.slice(from, at + last.length) } : undefined;
};
