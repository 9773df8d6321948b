/** Writes changed texts into a message and mends the lengths around them; every other byte is as it came. */

import { UniqueKeys } from "../../shared/unique-keys.ts";
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

/** What is written in place of `[at, end)`: a text, a text behind the tag and length of a Value's string, or a length. */
interface Edit {
  readonly at: number;
  readonly end: number;
  readonly size: number;
  readonly form: "text" | "value-string" | "varint" | "fixed32";
  readonly text: string;
  /** The length, in bytes. */
  readonly length: number;
}

const write = (out: Buffer, at: number, { form, text, length }: Edit): void => {
  switch (form) {
    case "text":
      out.write(text, at);
      break;
    case "value-string":
      out[at] = stringValueTag;
      out.write(text, writeVarint(out, at + 1, length));
      break;
    case "varint":
      writeVarint(out, at, length);
      break;
    case "fixed32":
      out.writeUInt32LE(length, at);
      break;
  }
};

/** How much longer stretches become, and what must be written for it. */
class Splicing {
  readonly #edits: Edit[] = [];

  /** A changed text, with its length where it has one. */
  text(place: TextStretch, text: string): void {
    const { parent, lengthAt, start, end } = place;
    const length = Buffer.byteLength(text);
    if (place.form === "value-number") {
      const size = 1 + varintSize(length) + length;
      this.#edits.push({ at: lengthAt, end, size, form: "value-string", text, length });
      if (parent !== undefined) parent.growth += size - (end - lengthAt);
      return;
    }
    const growth = length - (end - start) + this.#length(place, length);
    this.#edits.push({ at: start, end, size: length, form: "text", text, length });
    if (parent !== undefined) parent.growth += growth;
  }

  /** Mends the length of an enclosing stretch, all of whose contents have been seen to. */
  enclosing(stretch: Stretch): void {
    const { growth, parent, start, end } = stretch;
    if (growth === 0) return;
    const own = this.#length(stretch, end - start + growth);
    if (parent !== undefined) parent.growth += growth + own;
  }

  finish(bytes: Buffer): Buffer {
    const edits = this.#edits.sort((left, right) => left.at - right.at || left.end - right.end);
    const size = edits.reduce((sum, edit) => sum + edit.size - (edit.end - edit.at), bytes.length);
    const out = Buffer.allocUnsafe(size);
    let from = 0;
    let to = 0;
    for (const edit of edits) {
      to += bytes.copy(out, to, from, edit.at);
      write(out, to, edit);
      to += edit.size;
      from = edit.end;
    }
    bytes.copy(out, to, from);
    return out;
  }

  /** Writes a new length; gives the bytes by which the length itself grew. */
  #length({ lengthForm, lengthAt, lengthEnd }: Omit<Stretch, "growth">, length: number): number {
    if (lengthForm === "none") return 0;
    const size = lengthForm === "fixed32" ? fixed32Size : varintSize(length);
    this.#edits.push({ at: lengthAt, end: lengthEnd, size, form: lengthForm, text: "", length });
    return size - (lengthEnd - lengthAt);
  }
}

const fixed32Size = 4;

/** What a message consists of, for {@link splice}: every stretch stands behind those it is in. */
export interface Spliceable {
  readonly bytes: Buffer;
  readonly stretches: readonly Stretch[];
  readonly places: readonly TextStretch[];
}

const keysOf = (places: readonly TextStretch[]): UniqueKeys =>
  new UniqueKeys(places.flatMap(({ map, text }) => (map === undefined || text === undefined ? [] : [{ object: map, key: text }])));

/** The message with its texts replaced; the very same bytes when none differs. */
export const splice = ({ bytes, stretches, places }: Spliceable, texts: readonly string[]): Buffer => {
  let splicing: Splicing | undefined;
  let keys: UniqueKeys | undefined;
  for (let index = 0; index < places.length; index++) {
    const place = places[index];
    const text = texts[index] ?? "";
    if (place === undefined || place.text === text) continue;
    if (splicing === undefined) {
      splicing = new Splicing();
      for (const stretch of stretches) stretch.growth = 0;
    }
    if (place.map === undefined) splicing.text(place, text);
    else {
      keys ??= keysOf(places);
      splicing.text(place, keys.unique({ object: place.map, key: text }));
    }
  }
  if (splicing === undefined) return bytes;
  for (let index = stretches.length - 1; index >= 0; index--) {
    const stretch = stretches[index];
    if (stretch !== undefined) splicing.enclosing(stretch);
  }
  return splicing.finish(bytes);
};
