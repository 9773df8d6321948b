/** Bech32 and bech32m: the checksum of segregated-witness addresses (BIP 173, BIP 350). */

import type { Validator } from "../masking/detector.ts";

const ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
const BECH32 = 1;
const BECH32M = 0x2bc830a3;
const LOWER_CASE = 0x20;
const ONE = 49;

/** Validates addresses of a human-readable part, `1`, and data with a checksum. */
export const bech32 = (): Validator => new Bech32();

class Bech32 implements Validator {
  private prefix = "";
  private sum: number | undefined;
  private sound = true;

  push(unit: number): void {
    if (this.sum !== undefined) this.feed(ALPHABET.indexOf(String.fromCharCode(unit | LOWER_CASE)));
    else if (unit === ONE) this.begin();
    else this.prefix += String.fromCharCode(unit | LOWER_CASE);
  }

  accepts(): boolean {
    return this.sound && (this.sum === BECH32 || this.sum === BECH32M);
  }

  /** The human-readable part counts with its high bits, a zero, and its low bits. */
  private begin(): void {
    this.sum = 1;
    for (const character of this.prefix) this.feed(character.charCodeAt(0) >> 5);
    this.feed(0);
    for (const character of this.prefix) this.feed(character.charCodeAt(0) & 31);
  }

  private feed(value: number): void {
    if (value < 0) this.sound = false;
    const sum = this.sum ?? 1;
    const top = sum >>> 25;
    let next = ((sum & 0x1ffffff) << 5) ^ value;
    for (const [bit, generator] of GENERATOR.entries()) if (((top >> bit) & 1) === 1) next ^= generator;
    this.sum = next;
  }
}
