/** Base64 and base64url (RFC 4648 sections 4 and 5) inside a text: finding runs, and decoding them as they arrive. */

/** Shorter runs are words: a run of so many code units is looked into (rule 10). */
export const shortestRun = 24;

/** Six bits by code unit; -1 outside of both alphabets. */
const sextets = new Int8Array(0x80).fill(-1);
for (const alphabet of [
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
]) {
  for (let index = 0; index < alphabet.length; index++) sextets[alphabet.charCodeAt(index)] = index;
}

const sextet = (unit: number): number => (unit < 0x80 ? (sextets[unit] ?? -1) : -1);

/** Whether a code unit is of either alphabet. */
export const isBase64 = (unit: number): boolean => sextet(unit) >= 0;

/** The end of the run of base64 units that begins at `from`. */
export const runEnd = (text: string, from: number): number => {
  let at = from;
  while (at < text.length && isBase64(text.charCodeAt(at))) at += 1;
  return at;
};

/** Where the run of base64 units that ends with the text begins, looking back no further than `floor`. */
export const trailingRun = (text: string, floor: number): number => {
  let at = text.length;
  while (at > floor && isBase64(text.charCodeAt(at - 1))) at -= 1;
  return at;
};

/**
 * The beginning of the first run of at least {@link shortestRun} units that begins at `from` or later; -1 where there is none.
 * It looks at every twenty-fourth unit, and back from those that could lie in a run: most of an ordinary text is never touched.
 */
export const findRun = (text: string, from: number): number => {
  let start = from;
  while (start + shortestRun <= text.length) {
    let at = start + shortestRun - 1;
    while (at >= start && isBase64(text.charCodeAt(at))) at -= 1;
    if (at < start) return start;
    start = at + 1;
  }
  return -1;
};

/** Decoded at once: as many arguments as a call takes without fear for the stack. */
const unitsAtOnce = 4096;

const sextetsPerGroup = 4;
const bytesPerGroup = 3;

/** Decodes a run piece by piece, beginning `phase` units after its start: a secret need not begin where four units make three bytes. */
export class Base64Decoder {
  #origin = 0;
  #skip = 0;
  #bits = 0;
  /** Sextets of the group at hand. */
  #count = 0;

  /** Begins a run that starts at source offset `start`. */
  reset(start: number, phase: number): void {
    this.#origin = start + phase;
    this.#skip = phase;
    this.#bits = 0;
    this.#count = 0;
  }

  /** The bytes that are complete with this piece, as code units below 256. */
  decode(piece: string): string {
    let text = "";
    let from = Math.min(this.#skip, piece.length);
    this.#skip -= from;
    for (; from < piece.length; from += unitsAtOnce) text += this.#decodePart(piece, from, Math.min(piece.length, from + unitsAtOnce));
    return text;
  }

  #decodePart(piece: string, from: number, to: number): string {
    const bytes: number[] = [];
    let bits = this.#bits;
    let count = this.#count;
    for (let at = from; at < to; at++) {
      bits = ((bits << 6) | (sextets[piece.charCodeAt(at)] ?? 0)) & 0xffff;
      count = (count + 1) & 3;
      // After 2, 3 and 4 sextets a byte is complete; 4, 2 and 0 bits stay behind it.
      if (count !== 1) bytes.push((count === 0 ? bits : bits >> (8 - count * 2)) & 0xff);
    }
    this.#bits = bits;
    this.#count = count;
    return String.fromCharCode(...bytes);
  }

  /** Whether the last unit's bits begin a byte that is not complete. */
  get partial(): boolean {
    return this.#count !== 0;
  }

  /** Source offset of the first unit that holds bits of this byte. */
  start(byte: number): number {
    return this.#origin + Math.floor(byte / bytesPerGroup) * sextetsPerGroup + (byte % bytesPerGroup);
  }

  /** Source offset behind the last unit that holds bits of the byte before this one. */
  end(byte: number): number {
    return this.start(byte - 1) + 2;
  }
}
