/** The part of a JSON lane that is still held, as tokens: what a replacement may stand for, and what it must leave whole. */

/**
 * What may be covered. `string`: the inside of a string or key, any part of it between escapes. `scalar`: a number or literal, as a whole.
 * `plain`: what follows the first invalid position. `covered`: its replacement is certain already.
 */
export interface JsonToken {
  form: "string" | "scalar" | "plain" | "covered";
  /** Source offsets; `end` is infinite while the token is open. Of strings, the inside. */
  readonly start: number;
  end: number;
  /** What was found in a scalar that is still open. */
  found: readonly FoundRule[];
}

/** A rule that matched in a scalar, and its replacement. */
interface FoundRule {
  readonly rule: number;
  readonly text: string;
}

const nothingFound: readonly FoundRule[] = [];

export class JsonTokens {
  readonly #tokens: JsonToken[] = [];
  /** Escapes of strings: where each begins and ends, in turn. */
  readonly #escapes: number[] = [];

  /** Adds an open token. */
  open(form: JsonToken["form"], start: number): JsonToken {
    const token: JsonToken = { form, start, end: Number.POSITIVE_INFINITY, found: nothingFound };
    this.#tokens.push(token);
    return token;
  }

  escape(start: number, end: number): void {
    this.#escapes.push(start, end);
  }

  /** The tokens that a range touches, last first. */
  *touched(start: number, end: number): Generator<JsonToken> {
    for (let at = this.#tokens.length - 1; at >= 0; at--) {
      const token = this.#tokens[at];
      if (token === undefined || token.end <= start) return;
      if (token.start < end) yield token;
    }
  }

  /** The beginning of the escape that an offset lies inside of, or the offset. */
  escapeStart(offset: number): number {
    const at = this.#escapeAround(offset);
    return at < 0 ? offset : (this.#escapes[at] ?? offset);
  }

  /** The end of the escape that an offset lies inside of, or the offset. */
  escapeEnd(offset: number): number {
    const at = this.#escapeAround(offset);
    return at < 0 ? offset : (this.#escapes[at + 1] ?? offset);
  }

  /** How far a lane may be released that is decided up to `limit`, of `end` units: structure goes on, scalars stay whole, and escapes of which no span can cover more than a part. */
  releasable(limit: number, end: number): number {
    const token = this.#tokens.find((other) => other.end > limit);
    if (token === undefined) return end;
    if (token.start >= limit) return Math.min(token.start, end);
    switch (token.form) {
      case "scalar":
        return token.start;
      case "string":
        return this.escapeEnd(limit);
      case "plain":
      case "covered":
        return limit;
    }
  }

  /** Forgets what ends at or before a source offset. */
  drop(before: number): void {
    const kept = this.#tokens.findIndex((token) => token.end > before);
    if (kept !== 0) this.#tokens.splice(0, kept < 0 ? this.#tokens.length : kept);
    let gone = 0;
    while (gone < this.#escapes.length && (this.#escapes[gone + 1] ?? 0) <= before) gone += 2;
    if (gone > 0) this.#escapes.splice(0, gone);
  }

  #escapeAround(offset: number): number {
    for (let at = this.#escapes.length - 2; at >= 0; at -= 2) {
      if ((this.#escapes[at + 1] ?? 0) <= offset) return -1;
      if ((this.#escapes[at] ?? 0) < offset) return at;
    }
    return -1;
  }
}
