/** The text of a lane that was read and not yet released. */

import { isHighSurrogate, isLowSurrogate } from "./surrogates.ts";

export class HeldText {
  /** Code units read, when the current chunk is. */
  position = 0;
  /** Code units released or swallowed. */
  released = 0;
  /** Where the current chunk begins. */
  base = 0;
  /** The text from `released` up to `base`. */
  private kept = "";
  private chunk = "";

  /** Begins another text. */
  reset(): void {
    this.position = 0;
    this.released = 0;
    this.base = 0;
    this.kept = "";
    this.chunk = "";
  }

  /** The next chunk. */
  read(chunk: string): void {
    if (this.chunk !== "") this.join();
    this.chunk = chunk;
    this.base = this.position;
    this.position += chunk.length;
  }

  /** The unit at a position that is not released. */
  unitAt(position: number): number {
    return position >= this.base ? this.chunk.charCodeAt(position - this.base) : this.kept.charCodeAt(position - this.released);
  }

  /** Everything held, as one text from now on. */
  join(): string {
    this.kept = this.kept === "" ? this.chunk : this.kept + this.chunk;
    this.chunk = "";
    this.base = this.position;
    return this.kept;
  }

  /** The held text up to a position, without releasing it. */
  upTo(position: number): string {
    return this.join().slice(0, position - this.released);
  }

  /** Releases up to a position and returns what that is. */
  take(position: number): string {
    const text = this.join();
    const length = position - this.released;
    this.released = position;
    if (length === text.length) {
      this.kept = "";
      return text;
    }
    this.kept = length === 0 ? text : text.slice(length);
    return length === 0 ? "" : text.slice(0, length);
  }

  /** The position, or the one before it where a cut would part a surrogate pair, or may part one that is not wholly there yet. */
  betweenCharacters(position: number): number {
    if (position <= this.released || !isHighSurrogate(this.unitAt(position - 1))) return position;
    return position === this.position || isLowSurrogate(this.unitAt(position)) ? position - 1 : position;
  }
}
