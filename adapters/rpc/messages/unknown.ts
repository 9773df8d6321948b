/**
 * Fields that no descriptor names. They go on byte for byte unless a text in them is masked: an upstream newer than its descriptors would otherwise bring
 * texts past the masker. What they mean can only be guessed, so a message that has delimited ones is never read as a whole.
 */

import { isUtf8 } from "node:buffer";
import { wireTypes } from "./plan.ts";
import { below, type Piece, type Scan, type Spot } from "./scan.ts";
import { FieldWalk, type FlatField, Unreadable } from "./wire.ts";

/** Messages guessed within one another: deeper ones are taken as they are. */
const mostGuesses = 16;

const firstPrintable = 0x20;

/** Whether bytes look like something a person wrote: UTF-8 that does not begin like a message does. */
const looksWritten = (bytes: Buffer, { start, end }: Piece): boolean =>
  (bytes[start] ?? firstPrintable) >= firstPrintable && isUtf8(bytes.subarray(start, end));

/** Fields of one guessed message. */
const mostGuessed = 10_000;

/** The fields of what may be a message; undefined where it is none. */
const guessFields = (bytes: Buffer, { start, end }: Piece): readonly FlatField[] | undefined => {
  const fields: FlatField[] = [];
  try {
    const field = new FieldWalk(bytes, start, end);
    while (field.next()) if (fields.push(field.copy()) > mostGuessed) return undefined;
    return fields;
  } catch (thrown) {
    if (thrown instanceof Unreadable) return undefined;
    throw thrown;
  }
};

/** A delimited value of unknown meaning: text, a message, or bytes that are neither. */
export const scanUnknown = (scan: Scan, piece: Piece, spot: Spot, path: readonly (string | number)[], guesses = 0): void => {
  scan.blur();
  if (piece.start === piece.end) return;
  const fields = guesses < mostGuesses && !looksWritten(scan.bytes, piece) ? guessFields(scan.bytes, piece) : undefined;
  if (fields === undefined) {
    scan.text(piece, spot, { path });
    return;
  }
  const stretch = scan.stretch(piece, spot);
  for (const [index, field] of fields.entries()) {
    if (field.wire !== wireTypes.delimited) continue;
    const part = `#${field.number}.${index}`;
    const inner: Piece = { lengthForm: "varint", lengthAt: field.lengthAt, lengthEnd: field.start, start: field.start, end: field.end };
    scanUnknown(scan, inner, { ...spot, stretch, lane: below(spot.lane, part), depth: spot.depth + 1 }, [...path, part], guesses + 1);
  }
};
