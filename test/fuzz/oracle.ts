/** What masking a whole text must give, by V8's own regular expressions: slow, obvious, and without a line in common with the engine. */

import type { Detector } from "../../policy/masking/index.ts";

/** A span that some detector covers, by its index. */
export interface OracleSpan {
  readonly start: number;
  readonly end: number;
  readonly rule: number;
}

/** Spans of all detectors, united as rule 4 says. */
export function oracleSpans(detectors: readonly Detector[], text: string): readonly OracleSpan[] {
  const all = detectors.flatMap((detector, rule) => covers(detector, text).map(([start, end]) => ({ start, end, rule })));
  all.sort((a, b) => a.start - b.start || b.end - a.end);
  const united: OracleSpan[] = [];
  for (const span of all) {
    const last = united[united.length - 1];
    if (last === undefined || span.start >= last.end) united.push(span);
    else united[united.length - 1] = { start: last.start, end: Math.max(last.end, span.end), rule: Math.min(last.rule, span.rule) };
  }
  return united;
}

/** The text with a label for every span. */
export function oracleMask(detectors: readonly Detector[], text: string): string {
  let masked = "";
  let at = 0;
  for (const { start, end, rule } of oracleSpans(detectors, text)) {
    masked += `${text.slice(at, start)}[${detectors[rule]?.label}]`;
    at = end;
  }
  return masked + text.slice(at);
}

type Cover = readonly [start: number, end: number];

function covers(detector: Detector, text: string): readonly Cover[] {
  const longest = detector.validator !== undefined || detector.match === "longest" || detector.keywords !== undefined;
  return longest ? longestCovers(detector, text) : firstCovers(detector, text);
}

function source(detector: Detector): { pattern: string; flags: string } {
  const pattern =
    detector.keywords === undefined ? detector.pattern : detector.keywords.map((word) => word.replaceAll(/[^\w ]/g, "\\$&")).join("|");
  const prefixed = pattern.startsWith("(?i)");
  return {
    pattern: prefixed ? pattern.slice(4) : pattern,
    flags: `${(detector.flags ?? "").replace("i", "")}${prefixed || detector.flags?.includes("i") ? "i" : ""}`,
  };
}

function firstCovers(detector: Detector, text: string): readonly Cover[] {
  const { pattern, flags } = source(detector);
  return [...text.matchAll(new RegExp(pattern, `${flags}gd`))].flatMap((match) => coverOf(match, pattern));
}

/** What a match covers: its secret group where the pattern has one. */
function coverOf(match: RegExpExecArray | RegExpMatchArray, pattern: string): readonly Cover[] {
  const indices = match.indices;
  const cover = pattern.includes("(?<secret>") ? indices?.groups?.secret : indices?.[0];
  return cover === undefined || cover[0] === cover[1] ? [] : [[cover[0], cover[1]]];
}

/** For every start the longest end at which the pattern can match and the validator passes; a failed start consumes nothing. */
function longestCovers(detector: Detector, text: string): readonly Cover[] {
  const found: Cover[] = [];
  for (let start = 0; start < text.length; ) {
    const hit = longestFrom(detector, text, start);
    if (hit === undefined) start++;
    else {
      found.push(...hit.covers);
      start = hit.end;
    }
  }
  return found;
}

function longestFrom(detector: Detector, text: string, start: number): { end: number; covers: readonly Cover[] } | undefined {
  const { pattern, flags } = source(detector);
  const unicode = flags.includes("u");
  if (unicode && splitsPair(text, start)) return undefined;
  for (let end = text.length; end > start; end--) {
    if (unicode && splitsPair(text, end)) continue;
    const expression = endingAt(pattern, flags, unicode ? [...text.slice(0, end)].length : end);
    expression.lastIndex = start;
    const match = expression.exec(text);
    if (match === null) continue;
    const covered = coverOf(match, pattern);
    if (detector.validator === undefined || covered.length === 0 || covered.some(([from, to]) => passes(detector, text.slice(from, to))))
      return { end, covers: covered };
  }
  return undefined;
}

const splitsPair = (text: string, at: number): boolean => /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(at - 1, at + 1));

const compiled = new Map<string, RegExp>();

/** The pattern, held to end after so many characters of the text. */
function endingAt(pattern: string, flags: string, characters: number): RegExp {
  const key = `${flags}/${characters}/${pattern}`;
  const known = compiled.get(key);
  if (known !== undefined) return known;
  if (compiled.size > 20_000) compiled.clear();
  const made = new RegExp(`(?:${pattern})(?<=(?<![\\s\\S])[\\s\\S]{${characters}})`, `${flags}yd`);
  compiled.set(key, made);
  return made;
}

function passes(detector: Detector, secret: string): boolean {
  const validator = detector.validator?.();
  if (validator === undefined) return true;
  for (let at = 0; at < secret.length; at++) validator.push(secret.charCodeAt(at));
  return validator.accepts();
}
