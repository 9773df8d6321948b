/** Unicode properties and case folding, read out of the running engine's own RegExp so that both always agree on the version of Unicode. */

import { has, MAX_CODE_POINT, MAX_UNIT, normalise, type Range, type Ranges } from "./ranges.ts";

const FIRST_SURROGATE = 0xd800;
const LAST_SURROGATE = 0xdfff;
const FIRST_ASTRAL = 0x10000;
/** Code points written into one string at a time: below the argument limit of `fromCharCode`. */
const BLOCK = 8192;

let everything: string | undefined;

/** Every code point but the surrogates, in order: 2.2 million units, made once (some 5 ms) and only where a pattern names a property. */
function everyCodePoint(): string {
  if (everything !== undefined) return everything;
  const parts: string[] = [];
  const units = new Uint16Array(2 * BLOCK);
  for (let first = 0; first <= MAX_CODE_POINT; first += BLOCK) {
    let length = 0;
    for (let point = first; point < first + BLOCK; point++) {
      if (point >= FIRST_SURROGATE && point <= LAST_SURROGATE) continue;
      if (point >= FIRST_ASTRAL) units[length++] = 0xd800 + ((point - FIRST_ASTRAL) >> 10);
      units[length++] = point >= FIRST_ASTRAL ? 0xdc00 + (point & 0x3ff) : point;
    }
    parts.push(String.fromCharCode(...units.subarray(0, length)));
  }
  everything = parts.join("");
  return everything;
}

const properties = new Map<string, Ranges>();

/** The code points of `\p{expression}`: some 25 ms the first time, kept afterwards. Lone surrogates are one question: they share every property. */
export function propertyRanges(expression: string): Ranges {
  const known = properties.get(expression);
  if (known !== undefined) return known;
  const text = everyCodePoint();
  const found: Range[] = [];
  for (const match of text.matchAll(new RegExp(`\\p{${expression}}+`, "gu"))) {
    const run = match[0];
    const first = run.codePointAt(0) ?? 0;
    const last = run.codePointAt(run.length > 1 && isLow(run.charCodeAt(run.length - 1)) ? run.length - 2 : run.length - 1) ?? 0;
    if (first < FIRST_SURROGATE && last > LAST_SURROGATE) found.push([first, FIRST_SURROGATE - 1], [LAST_SURROGATE + 1, last]);
    else found.push([first, last]);
  }
  if (new RegExp(`^\\p{${expression}}$`, "u").test("\ud800")) found.push([FIRST_SURROGATE, LAST_SURROGATE]);
  const ranges = normalise(found);
  properties.set(expression, ranges);
  return ranges;
}

const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= LAST_SURROGATE;

/** Groups of code points that are equal when case is ignored, by each member; only those with more than one member. */
type Folding = ReadonlyMap<number, readonly number[]>;

const SAME_IN_UNICODE_MODE = /^(.)\1$/isu;
const SAME_IN_UNIT_MODE = /^([\s\S])\1$/i;

const foldings = new Map<boolean, Folding>();

/** Which characters `i` makes equal: candidates come of the case mappings, the verdict of V8's own back-reference. */
function folding(unicode: boolean): Folding {
  const known = foldings.get(unicode);
  if (known !== undefined) return known;
  const groups = new Map<number, number[]>();
  const same = unicode ? SAME_IN_UNICODE_MODE : SAME_IN_UNIT_MODE;
  const max = unicode ? MAX_CODE_POINT : MAX_UNIT;
  const cased: Ranges = unicode ? normalise([...propertyRanges("CWCM"), ...propertyRanges("CWCF")]) : [[0, MAX_UNIT]];
  for (const [low, high] of cased) {
    for (let point = low; point <= high; point++) {
      const text = String.fromCodePoint(point);
      for (const other of caseVariants(text)) {
        const variant = other.codePointAt(0) ?? 0;
        if (variant <= max && variant !== point && same.test(text + other)) unite(groups, point, variant);
      }
    }
  }
  foldings.set(unicode, groups);
  return groups;
}

/** The single-character case mappings of a character, and theirs. */
function caseVariants(text: string): readonly string[] {
  const first = [text.toLowerCase(), text.toUpperCase()];
  if (first[0] === text && first[1] === text) return [];
  const all = new Set([...first, ...first.flatMap((variant) => [variant.toLowerCase(), variant.toUpperCase()])]);
  return [...all].filter((variant) => [...variant].length === 1);
}

function unite(groups: Map<number, number[]>, a: number, b: number): void {
  const left = groups.get(a) ?? [a];
  const right = groups.get(b) ?? [b];
  if (left === right) return;
  const joined = [...left, ...right];
  for (const member of joined) groups.set(member, joined);
}

/** The set with everything that is equal to a member when case is ignored. */
export function ignoringCase(ranges: Ranges, unicode: boolean): Ranges {
  const sorted = normalise(ranges);
  const more: Range[] = [...sorted];
  for (const [member, group] of folding(unicode)) {
    if (has(sorted, member)) for (const equal of group) more.push([equal, equal]);
  }
  return normalise(more);
}
