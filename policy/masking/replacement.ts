/** What stands in place of a match (rule 8). */

import type { Detector, Replacement } from "./detector.ts";
import { PatternError } from "./pattern-error.ts";
import { secretBits } from "./secret-bits.ts";
import { isLowSurrogate } from "./surrogates.ts";

/** A keyed hash of a secret as lower-case hexadecimal: the port through which policy gets cryptography. */
export type KeyedHash = (secret: string) => string;

/** Fewer bits could be guessed by trying: a hash of them would give them away. */
const MIN_HASH_BITS = 64;
/** Hexadecimal digits shown: 48 bits keep a million secrets apart and say little. */
const HASH_DIGITS = 12;
/** At most this part of a match is kept. */
const KEPT_FRACTION = 3;

/** The replacement of a secret; `undefined` where it is not wholly known (beyond the cap, or unfinished). */
export type Replacer = (secret: string | undefined) => string;

/**
 * The replacer of a detector.
 * @throws PatternError where it asks for a hash without a key, or of too small a secret.
 */
export function replacerOf(detector: Detector, hash: KeyedHash | undefined): Replacer {
  const name = detector.label ?? detector.name.toUpperCase().replaceAll(/[^\p{L}\p{N}]+/gu, "_");
  const replacement: Replacement = detector.replace ?? { kind: "label" };
  switch (replacement.kind) {
    case "label":
      return () => `[${name}]`;
    case "fixed":
      return () => replacement.text;
    case "keep-last":
      return (secret) => (secret === undefined ? `[${name}]` : keepLast(secret, replacement.count));
    case "hash": {
      const bits = Math.floor(replacement.bits ?? secretBits(detector));
      if (bits < MIN_HASH_BITS) {
        const why = `a hash stands only for secrets of at least ${MIN_HASH_BITS} bits, not ${bits}: fewer could be found by trying`;
        throw new PatternError(0, why, detector.name);
      }
      if (hash === undefined) throw new PatternError(0, "replacing by a hash needs a key", detector.name);
      return (secret) => (secret === undefined ? `[${name}]` : `[${name}:${hash(secret).slice(0, HASH_DIGITS)}]`);
    }
  }
}

function keepLast(secret: string, count: number): string {
  const kept = Math.max(0, Math.min(Math.floor(count), Math.floor(secret.length / KEPT_FRACTION)));
  const from = secret.length - kept;
  return `***${secret.slice(isLowSurrogate(secret.charCodeAt(from)) ? from + 1 : from)}`;
}
