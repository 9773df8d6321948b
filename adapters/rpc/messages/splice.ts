/** Writes changed texts into a message and mends the lengths around them; every other byte is as it came. */

import type { Stretch, TextStretch } from "./stretch.ts";

/** `google.protobuf.Value.string_value`: field 3, delimited. */
const stringValueTag = 0x1a;

/** Bytes of a varint. */
export const varintSize = (value: number): number => {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size += 1;
  return size;
};

/** Writes a varint; gives the offset behind it. */
export const writeVarint = (bytes: Buffer, at: number, value: number): number => {
  let rest = value;
  let next = at;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes[next++] = (rest % 0x80) | 0x80;
  bytes[next++] = rest;
  return next;
};

/** One replacement of `[at, end)`: a number as a varint or four bytes, or text. */
interface Edit {
  readonly at: number;
  readonly end: number;
  readonly size: number;
  readonly write: (out: Buffer, at: number) => void;
}

/** How much longer stretches become, and what must be written for it. */
class Splicing {
  readonly #growth = new Map<Stretch, number>();
  readonly #edits: Edit[] = [];

  /** A changed text, with its length where it has one. */
  text(place: TextStretch, text: string): void {
    const size = Buffer.byteLength(text);
    if (place.form === "value-number") {
      const whole = 1 + varintSize(size) + size;
      const write = (out: Buffer, at: number): void => {
        out[at] = stringValueTag;
        out.write(text, writeVarint(out, at + 1, size));
      };
      this.#edits.push({ at: place.lengthAt, end: place.end, size: whole, write });
      this.#grow(place.parent, whole - (place.end - place.lengthAt));
      return;
    }
    this.#edits.push({ at: place.start, end: place.end, size, write: (out, at) => void out.write(text, at) });
    this.#grow(place.parent, size - (place.end - place.start) + this.#length(place, size));
  }

  /** Mends the length of an enclosing stretch, all of whose contents have been seen to. */
  enclosing(stretch: Stretch): void {
    const growth = this.#growth.get(stretch);
    if (growth === undefined || growth === 0) return;
    this.#grow(stretch.parent, growth + this.#length(stretch, stretch.end - stretch.start + growth));
  }

  finish(bytes: Buffer): Buffer {
    const edits = this.#edits.sort((left, right) => left.at - right.at || left.end - right.end);
    const size = edits.reduce((sum, edit) => sum + edit.size - (edit.end - edit.at), bytes.length);
    const out = Buffer.allocUnsafe(size);
    let from = 0;
    let to = 0;
    for (const edit of edits) {
      to += bytes.copy(out, to, from, edit.at);
      edit.write(out, to);
      to += edit.size;
      from = edit.end;
    }
    bytes.copy(out, to, from);
    return out;
  }

  #grow(stretch: Stretch | undefined, by: number): void {
    if (stretch !== undefined) this.#growth.set(stretch, (this.#growth.get(stretch) ?? 0) + by);
  }

  /** Writes a new length; gives the bytes by which the length itself grew. */
  #length({ lengthForm, lengthAt, lengthEnd }: Stretch, length: number): number {
    switch (lengthForm) {
      case "none":
        return 0;
      case "fixed32":
        this.#edits.push({ at: lengthAt, end: lengthEnd, size: 4, write: (out, at) => void out.writeUInt32LE(length, at) });
        return 0;
      case "varint": {
        const size = varintSize(length);
        this.#edits.push({ at: lengthAt, end: lengthEnd, size, write: (out, at) => void writeVarint(out, at, length) });
        return size - (lengthEnd - lengthAt);
      }
    }
  }
}

/** What a message consists of, for {@link splice}: every stretch stands behind those it is in. */
export interface Spliceable {
  readonly bytes: Buffer;
  readonly stretches: readonly Stretch[];
  readonly places: readonly TextStretch[];
}

/** The message with its texts replaced; the very same bytes when none differs. */
export const splice = ({ bytes, stretches, places }: Spliceable, texts: readonly string[]): Buffer => {
  let splicing: Splicing | undefined;
  for (let index = 0; index < places.length; index++) {
    const place = places[index];
    const text = texts[index] ?? "";
    if (place === undefined || place.text === text) continue;
    splicing ??= new Splicing();
    splicing.text(place, text);
  }
  if (splicing === undefined) return bytes;
  for (let index = stretches.length - 1; index >= 0; index--) {
    const stretch = stretches[index];
    if (stretch !== undefined) splicing.enclosing(stretch);
  }
  return splicing.finish(bytes);
};
