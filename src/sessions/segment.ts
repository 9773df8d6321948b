/** Pieces of masked answer text with the times at which they came, packed into segments. */

import type { Author, Lane } from "../envelope/text.ts";

/** One piece as replayed: `at` is milliseconds since the session's start. */
export interface Piece {
  readonly at: number;
  readonly lane: string;
  readonly author: string;
  readonly text: string;
}

/** Most text in a segment, UTF-16 code units: 64 KiB. */
export const segmentUnits = 32_768;
/** Most pieces in a segment: their times and lanes take room too. */
const segmentPieces = 4_096;

/** As packed: lanes are named once, pieces are triples of lane number, milliseconds since the piece before, and text. */
interface Packed {
  readonly from: number;
  readonly lanes: readonly (readonly [lane: string, author: string])[];
  readonly pieces: readonly (number | string)[];
}

const triple = 3;

/** Where a text may be cut so that its head has at most `units`: never inside a surrogate pair. */
const cutAt = (text: string, units: number): number => {
  const last = text.charCodeAt(units - 1);
  return last >= 0xd800 && last <= 0xdbff && units > 1 ? units - 1 : units;
};

/** Collects the pieces of one segment. Pieces of one lane within one millisecond become one. */
export class SegmentBuffer {
  #from = 0;
  #last = 0;
  #units = 0;
  #lanes: [string, string][] = [];
  #numbers: Map<string, number> | undefined;
  #pieces: (number | string)[] = [];
  #lane = -1;

  get empty(): boolean {
    return this.#pieces.length === 0;
  }

  /** When the first piece came, milliseconds since the session's start. */
  get from(): number {
    return this.#from;
  }

  /** Adds a piece that came `at`; returns what did not fit and must go into the next segment, empty when all did. */
  add(at: number, lane: Lane, author: Author, text: string): string {
    if (this.#pieces.length === 0) this.#from = this.#last = at;
    const room = segmentUnits - this.#units;
    const rest = text.length <= room ? "" : text.slice(cutAt(text, room));
    const taken = rest === "" ? text : text.slice(0, text.length - rest.length);
    this.#put(at, this.#laneNumber(lane, author), taken);
    return rest;
  }

  get full(): boolean {
    return this.#units >= segmentUnits - 1 || this.#pieces.length >= segmentPieces * triple;
  }

  /** The segment as text to seal; the buffer is empty afterwards. */
  take(): string {
    const packed: Packed = { from: this.#from, lanes: this.#lanes, pieces: this.#pieces };
    const json = JSON.stringify(packed);
    this.#lanes = [];
    this.#numbers = undefined;
    this.#pieces = [];
    this.#units = 0;
    this.#lane = -1;
    return json;
  }

  #put(at: number, lane: number, text: string): void {
    const pieces = this.#pieces;
    this.#units += text.length;
    if (at === this.#last && lane === pieces[pieces.length - triple]) {
      pieces[pieces.length - 1] += text;
      return;
    }
    // A clock that is set back must not make later pieces come earlier.
    const time = Math.max(at, this.#last);
    pieces.push(lane, time - this.#last, text);
    this.#last = time;
  }

  #laneNumber(lane: string, author: string): number {
    const current = this.#lanes[this.#lane];
    if (current !== undefined && current[0] === lane && current[1] === author) return this.#lane;
    const name = `${author} ${lane}`;
    this.#numbers ??= new Map();
    this.#lane = this.#numbers.get(name) ?? this.#lanes.push([lane, author]) - 1;
    this.#numbers.set(name, this.#lane);
    return this.#lane;
  }
}

const isPacked = (value: unknown): value is Packed =>
  typeof value === "object" &&
  value !== null &&
  "from" in value &&
  "lanes" in value &&
  "pieces" in value &&
  Array.isArray(value.lanes) &&
  Array.isArray(value.pieces);

/** The pieces of a packed segment. Throws when it is not one. */
export const unpackSegment = (json: string): Piece[] => {
  const packed: unknown = JSON.parse(json);
  if (!isPacked(packed)) throw new Error("not a segment of pieces");
  const pieces: Piece[] = [];
  let at = packed.from;
  for (let index = 0; index < packed.pieces.length; index += triple) {
    const [lane, author] = packed.lanes[Number(packed.pieces[index])] ?? ["", ""];
    at += Number(packed.pieces[index + 1]);
    pieces.push({ at, lane, author, text: String(packed.pieces[index + 2]) });
  }
  return pieces;
};
