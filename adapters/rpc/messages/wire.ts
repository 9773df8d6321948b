/** Protobuf's wire format, read strictly (protobuf.dev, "Encoding"). */

import { wireTypes } from "./plan.ts";

/** Bytes that are no message of their type, or one past the limits. It never leaves this folder: the message's visibility is `none`. */
export class Unreadable extends Error {}

/** Longest varint that a tag or a length is taken in: five bytes hold 32 bits, and no encoder pads them. */
const longestTag = 5;
/** Longest varint of a value (64 bits). */
const longestValue = 10;

/** Reads fields from bytes. `at` is the next byte to be read. */
export class WireCursor {
  readonly bytes: Buffer;
  at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** A tag or a length: a varint of at most 32 bits that ends before `end`. */
  small(end: number): number {
    const { bytes } = this;
    let at = this.at;
    const first = bytes[at] ?? 0;
    if (first < 0x80 && at < end) {
      this.at = at + 1;
      return first;
    }
    const stop = Math.min(end, at + longestTag);
    let value = 0;
    for (let scale = 1; at < stop; scale *= 0x80) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte >= 0x80) continue;
      if (value > 0xffff_ffff) break;
      this.at = at;
      return value;
    }
    throw new Unreadable();
  }

  /** The end of the delimited value whose length comes next. */
  delimited(end: number): number {
    const length = this.small(end);
    if (length > end - this.at) throw new Unreadable();
    return this.at + length;
  }

  /** A varint's value, as far as a number holds it exactly; larger ones are only about right. */
  varint(end: number): number {
    const { bytes } = this;
    const stop = Math.min(end, this.at + longestValue);
    let value = 0;
    let scale = 1;
    for (let at = this.at; at < stop; scale *= 0x80) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte >= 0x80) continue;
      this.at = at;
      return value;
    }
    throw new Unreadable();
  }

  /** Skips a value that has no length: a varint or a fixed number of bytes. */
  skipNumber(wire: number, end: number): void {
    if (wire === wireTypes.varint) this.varint(end);
    else this.#skip(wire === wireTypes.fixed64 ? 8 : wire === wireTypes.fixed32 ? 4 : Number.NaN, end);
  }

  /** Skips packed numbers of this wire type. */
  skipPacked(wire: number, end: number): void {
    const stop = this.delimited(end);
    const size = stop - this.at;
    const whole =
      wire === wireTypes.varint ? size === 0 || (this.bytes[stop - 1] ?? 0x80) < 0x80 : size % (wire === wireTypes.fixed64 ? 8 : 4) === 0;
    if (!whole) throw new Unreadable();
    this.at = stop;
  }

  #skip(size: number, end: number): void {
    const stop = this.at + size;
    // Written so that NaN, the size of what has no wire type, is refused as well.
    if (!(stop <= end)) throw new Unreadable();
    this.at = stop;
  }
}

/** The parts of a tag. Throws Unreadable for field number 0. */
export const tagNumber = (tag: number): number => {
  const number = tag >>> 3;
  if (number === 0) throw new Unreadable();
  return number;
};

/** A field met on the way; its value is `[start, end)`, a delimited one's length not counted. */
export interface FlatField {
  readonly number: number;
  readonly wire: number;
  /** Where its length is written, or where its value begins. */
  readonly lengthAt: number;
  readonly start: number;
  readonly end: number;
}

/** The varint that stands at `start`. */
export const varintAt = (bytes: Buffer, start: number, end: number): number => {
  const cursor = new WireCursor(bytes);
  cursor.at = start;
  return cursor.varint(end);
};

/**
 * The fields of a message without what is in them, one after the other: itself the field at hand. Groups stop it with Unreadable: what is looked through
 * has none.
 */
export class FieldWalk implements FlatField {
  number = 0;
  wire = 0;
  lengthAt = 0;
  start = 0;
  end = 0;
  readonly #cursor: WireCursor;
  readonly #stop: number;

  constructor(bytes: Buffer, start: number, stop: number) {
    this.#cursor = new WireCursor(bytes);
    this.#cursor.at = start;
    this.#stop = stop;
  }

  /** Goes to the next field; false where there is none. */
  next(): boolean {
    const cursor = this.#cursor;
    const stop = this.#stop;
    if (cursor.at >= stop) return false;
    const tag = cursor.small(stop);
    this.number = tagNumber(tag);
    this.wire = tag & 7;
    this.lengthAt = cursor.at;
    if (this.wire === wireTypes.delimited) {
      this.end = cursor.delimited(stop);
      this.start = cursor.at;
      cursor.at = this.end;
      return true;
    }
    this.start = cursor.at;
    cursor.skipNumber(this.wire, stop);
    this.end = cursor.at;
    return true;
  }

  /** The field at hand, to be kept. */
  copy(): FlatField {
    const { number, wire, lengthAt, start, end } = this;
    return { number, wire, lengthAt, start, end };
  }
}
