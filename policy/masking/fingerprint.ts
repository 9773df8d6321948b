/** A fingerprint of what a program was compiled from. */

import type { Detector } from "./detector.ts";

/** Raised with every change of the engine that could change an output for the same detectors. */
const ENGINE_VERSION = 1;

/**
 * 128 bits in hexadecimal that change with anything that could change an output. Not a cryptographic hash: it names a cache entry, and whoever may write
 * detectors needs no collision to change what is masked.
 */
export function fingerprint(detectors: readonly Detector[], extra: string): string {
  const text = JSON.stringify([
    ENGINE_VERSION,
    extra,
    detectors.map((detector) => ({ ...detector, validator: detector.validator?.toString() })),
  ]);
  return [0x9e3779b9, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f].map((seed) => mixed(text, seed).toString(16).padStart(8, "0")).join("");
}

/** MurmurHash3's mixing, 32 bits, over code units. */
function mixed(text: string, seed: number): number {
  let hash = seed;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0xcc9e2d51);
    hash = Math.imul((hash << 15) | (hash >>> 17), 0x1b873593);
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
