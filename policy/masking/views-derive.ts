/** Derives the folded and the unescaped view of a text that arrives in pieces. */

import { hexDigit, shortEscape } from "../../src/envelope/json/index.ts";
import { foldableClass, foldPair, foldsInPairs, foldUnit } from "./views-fold.ts";
import { ViewText } from "./views-text.ts";

/** `folded`: see views-fold.ts. `unescaped`: percent-encoding (RFC 3986 section 2.1, as UTF-8) and backslash escapes (JSON's, and `\x`) are resolved, and the result folded. */
export type ViewKind = "folded" | "unescaped";

const percent = 0x25;
const backslash = 0x5c;
const letterU = 0x75;
const letterX = 0x78;
const replacementCharacter = 0xfffd;

/** The text is too short to tell. */
const undecided = -2;
const invalid = -1;

const triggers: Record<ViewKind, string> = { folded: `[${foldableClass}]`, unescaped: `[%\\\\${foldableClass}]` };

/** One view's derivation, resumable at any code unit. What it makes is read from `out`. */
export class Derivation {
  readonly out = new ViewText();
  readonly #trigger: RegExp;
  readonly #escapes: boolean;
  #pending = "";
  #at = 0;

  constructor(kind: ViewKind) {
    this.#trigger = new RegExp(triggers[kind], "g");
    this.#escapes = kind === "unescaped";
  }

  /** The source offset up to which every unit has been decided: an escape that is not yet whole begins here. */
  get at(): number {
    return this.#at;
  }

  reset(at: number): void {
    this.out.reset(at);
    this.#pending = "";
    this.#at = at;
  }

  push(text: string): void {
    const all = this.#pending + text;
    let from = 0;
    while (from < all.length) {
      this.#trigger.lastIndex = from;
      const found = this.#trigger.test(all) ? this.#trigger.lastIndex - 1 : all.length;
      if (found > from) this.out.verbatim(all.slice(from, found));
      const used = found === all.length ? 0 : this.#change(all, found);
      from = found + used;
      if (used === 0) break;
    }
    this.#pending = all.slice(from);
    this.#at += from;
  }

  /** The text ended: what was begun stands for itself. */
  finish(): void {
    this.out.verbatim(this.#pending);
    this.#at += this.#pending.length;
    this.#pending = "";
  }

  /** Derives what stands at `at`; gives how many units that was, 0 where more of the text is needed. */
  #change(all: string, at: number): number {
    const unit = all.charCodeAt(at);
    if (this.#escapes && unit === percent) return this.#percent(all, at);
    if (this.#escapes && unit === backslash) return this.#backslash(all, at);
    if (!foldsInPairs(unit)) return this.#put(unit, at, 1);
    if (at + 1 === all.length) return 0;
    const folded = foldPair(unit, all.charCodeAt(at + 1));
    if (folded === undefined) return this.#verbatim(all, at);
    this.out.unit(folded, this.#at + at, this.#at + at + 2);
    return 2;
  }

  #verbatim(all: string, at: number): number {
    this.out.verbatim(all.charAt(at));
    return 1;
  }

  #put(unit: number, at: number, length: number): number {
    this.out.unit(foldUnit(unit), this.#at + at, this.#at + at + length);
    return length;
  }

  #backslash(all: string, at: number): number {
    if (at + 1 === all.length) return 0;
    const letter = all.charCodeAt(at + 1);
    const digits = letter === letterU ? 4 : letter === letterX ? 2 : 0;
    const unit = digits === 0 ? shortEscape(letter) : hexNumber(all, at + 2, digits);
    if (unit === undecided) return 0;
    return unit === invalid ? this.#verbatim(all, at) : this.#put(unit, at, 2 + digits);
  }

  #percent(all: string, at: number): number {
    const first = percentByte(all, at);
    if (first === undecided) return 0;
    if (first === invalid) return this.#verbatim(all, at);
    const bytes = utf8Length(first);
    let point = bytes === 1 ? first : first & (0x7f >> bytes);
    for (let index = 1; index < bytes; index++) {
      const byte = percentByte(all, at + index * 3);
      if (byte === undecided) return 0;
      if ((byte & 0xc0) !== 0x80 || byte < 0) return this.#put(replacementCharacter, at, 3);
      point = (point << 6) | (byte & 0x3f);
    }
    if (bytes === 0 || point > 0x10ffff) return this.#put(replacementCharacter, at, 3);
    return this.#putPoint(point, at, bytes * 3);
  }

  #putPoint(point: number, at: number, length: number): number {
    const text = String.fromCodePoint(point);
    for (let index = 0; index < text.length; index++) this.#put(text.charCodeAt(index), at, length);
    return length;
  }
}

/** Bytes of a UTF-8 sequence by its first byte; 0 where none begins so. */
const utf8Length = (first: number): number => {
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
};

/** The byte that `%XX` at `at` stands for, `invalid` or `undecided`. */
const percentByte = (all: string, at: number): number => {
  if (at >= all.length) return undecided;
  return all.charCodeAt(at) === percent ? hexNumber(all, at + 1, 2) : invalid;
};

const hexNumber = (all: string, from: number, digits: number): number => {
  let value = 0;
  for (let at = from; at < from + digits; at++) {
    if (at >= all.length) return undecided;
    const digit = hexDigit(all.charCodeAt(at));
    if (digit < 0) return invalid;
    value = value * 16 + digit;
  }
  return value;
};
