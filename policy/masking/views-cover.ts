/** Unites the spans of several scanners over one text, and tells which replacement stands for each stretch (rule 4 of the law of masking). */

/** A span is taken for one beyond the cap when it is as long: its name was given before its end was known. */
export const longSpan = 8192;

const never = Number.POSITIVE_INFINITY;

/** A span to be covered. Offsets are the source's. */
export interface CoverSpan {
  readonly start: number;
  readonly end: number;
  readonly rule: number;
  /** What stands in its place. */
  readonly text: string;
  /** It was added before, from the same start, and has grown. If that piece is no more, its replacement has been released. */
  readonly continues: boolean;
  /** Spans that begin after this offset do not name what they unite with; absent: the span's start if it is {@link longSpan}, else none. */
  readonly frozen?: number | undefined;
}

/** A stretch of the source that one replacement stands for. */
export interface Piece {
  start: number;
  end: number;
  /** The rule it is named after. */
  rule: number;
  /** The replacement, and how long the span was that gave it: of spans of one rule, the longest knows the secret best. */
  text: string;
  length: number;
  /** Where a long span in it began: spans that begin later no longer name it. Infinite where none is. */
  frozen: number;
  /** Whether its replacement was released. */
  shown: boolean;
}

/** Pieces in order, apart from one another. Those that are released for good are dropped by {@link Cover.drop}. */
export class Cover {
  readonly pieces: Piece[] = [];

  /** Whether nothing is covered that is still to be released, or may grow. */
  get empty(): boolean {
    return this.pieces.length === 0;
  }

  /** Adds a span, uniting it with those it overlaps; touching ones stay apart. */
  add(span: CoverSpan): void {
    const { pieces } = this;
    const { start, end, rule, text, continues } = span;
    let from = pieces.length;
    while (from > 0 && (pieces[from - 1]?.end ?? 0) > start) from -= 1;
    const shown = continues && (pieces[from]?.start ?? Number.POSITIVE_INFINITY) > start;
    const length = end - start;
    let added: Piece = { start, end, rule, text, length, frozen: span.frozen ?? (length >= longSpan ? start : never), shown };
    let to = from;
    for (let other = pieces[to]; other !== undefined && other.start < end; other = pieces[++to]) added = unite(added, other);
    pieces.splice(from, to - from, added);
  }

  /** Forgets what was released and ends at or before a source offset. */
  drop(before: number): void {
    const { pieces } = this;
    let gone = 0;
    for (let piece = pieces[0]; piece?.shown === true && piece.end <= before; piece = pieces[gone]) gone += 1;
    if (gone > 0) pieces.splice(0, gone);
  }
}

function unite(one: Piece, other: Piece): Piece {
  const frozen = Math.min(one.frozen, other.frozen);
  const namer = better(one, other, frozen) ? one : other;
  const { rule, text, length } = namer;
  const start = Math.min(one.start, other.start);
  return { start, end: Math.max(one.end, other.end), rule, text, length, frozen, shown: one.shown || other.shown };
}

/** Whether one piece names the union rather than the other. */
function better(one: Piece, other: Piece, frozen: number): boolean {
  if (one.start > frozen !== other.start > frozen) return one.start <= frozen;
  if (one.rule !== other.rule) return one.rule < other.rule;
  return one.length > other.length;
}
