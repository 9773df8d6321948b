/** Cuts text the way a model's tokens do, only less kindly: at any position. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "./secrets.ts";

/** Characters of the longest piece. */
const longestPiece = 6;

/** The text in pieces of one to six characters. A pair of surrogates stays together, because JSON would show halves as two errors. */
export const cut = (text: string, random: Random): readonly string[] => {
  const characters = [...text];
  const pieces: string[] = [];
  while (characters.length > 0) pieces.push(characters.splice(0, 1 + Math.floor(random() * longestPiece)).join(""));
  return pieces;
};

/** Milliseconds between pieces, from and to: about as fast as people read. */
export interface Pace {
  readonly from: number;
  readonly to: number;
}

export const naturalPace: Pace = { from: 20, to: 40 };

/** Waits for the next piece; at once when the pace is zero. Rejects when the signal aborts. */
export const pause = async ({ from, to }: Pace, random: Random, signal: AbortSignal): Promise<void> => {
  signal.throwIfAborted();
  if (to > 0) await sleep(from + random() * (to - from), undefined, { signal });
};
