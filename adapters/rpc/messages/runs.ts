/** Bytes that are no text: media, or something written in a way that nobody here knows. */

import { type BytesShowing, below, type Piece, type Scan, type Spot } from "./scan.ts";

/** Shortest run of written characters that is looked at: few secrets are shorter, and bytes of chance have few as long. */
const shortestRun = 8;

const firstWritten = 0x20;
const lastWritten = 0x7e;

/**
 * Shows the runs of ASCII's printable characters in bytes that are no text: one byte that is none must not hide the text around it. The message is not
 * read as a whole for all that.
 */
export const scanRuns = (scan: Scan, piece: Piece, spot: Spot, showing: BytesShowing): void => {
  scan.blur();
  const { bytes } = scan;
  const { start, end } = piece;
  const stretch = scan.stretch(piece, spot);
  for (let at = start, from = start; at <= end; at++) {
    const byte = at < end ? (bytes[at] ?? 0) : 0;
    if (byte >= firstWritten && byte <= lastWritten) continue;
    if (at - from >= shortestRun) {
      const run: Piece = { lengthForm: "none", lengthAt: from, lengthEnd: from, start: from, end: at };
      scan.text(run, { ...spot, stretch, lane: below(spot.lane, `@${from - start}`) }, showing);
    }
    from = at + 1;
  }
};
