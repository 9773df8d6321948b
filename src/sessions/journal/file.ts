/**
 * One journal file: what was recorded, encrypted, until PostgreSQL has it.
 *
 *     "WEIRJ1\n\0" · u32 length · JSON of the sealed data key · frames
 *     frame: u32 payload length · u8 kind · ciphertext · tag (16)
 *
 * A frame's number is its nonce and its head is authenticated, so that the tag is the checksum: a torn, changed or moved frame does not open.
 */

import { closeSync, constants, fdatasync, ftruncateSync, openSync, rmSync, writevSync } from "node:fs";
import { promisify } from "node:util";
import { type DataKey, tagBytes } from "../data-key.ts";
import type { SealedKey } from "../master-key.ts";

const sync = promisify(fdatasync);

export const magic = Buffer.from("WEIRJ1\n\0", "latin1");
/** Bytes of a frame before its ciphertext. */
export const frameHeadBytes = 5;

/** What a frame holds: events back to back, or the sessions that were open when the file began (JSON of ChainPoints). */
export const frameKinds = { events: 1, open: 2 } as const;
export type FrameKind = keyof typeof frameKinds;

/** Bytes of a frame on disk. */
export const frameBytes = (payloadBytes: number): number => frameHeadBytes + payloadBytes + tagBytes;

const headFor = (kind: FrameKind, payloadBytes: number): Buffer => {
  const head = Buffer.allocUnsafe(frameHeadBytes);
  head.writeUInt32LE(payloadBytes, 0);
  head.writeUInt8(frameKinds[kind], 4);
  return head;
};

const preamble = (sealed: SealedKey): Buffer => {
  const json = Buffer.from(JSON.stringify({ ...sealed, sealed: sealed.sealed.toString("base64") }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  return Buffer.concat([magic, length, json]);
};

/** A journal file that is being written. INVARIANT: what it holds up to `bytes` is whole frames. */
export class JournalFile {
  readonly path: string;
  readonly key: DataKey;
  readonly createdAt = Date.now();
  readonly #descriptor: number;
  #bytes = 0;
  #frames = 0;

  /** Creates the file; throws when it exists. */
  constructor(path: string, key: DataKey) {
    this.path = path;
    this.key = key;
    this.#descriptor = openSync(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_APPEND, 0o600);
    try {
      this.#write([preamble(key.sealed)]);
    } catch (thrown) {
      this.close();
      rmSync(path);
      throw thrown;
    }
  }

  /** Frames appended so far. */
  get frames(): number {
    return this.#frames;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Appends a frame with one write(2): from then on it survives the end of this process. Throws the system's error; the file then ends where it
   * did. INVARIANT: nothing is appended after that, because the frame's nonce has been used.
   */
  append(kind: FrameKind, payload: Buffer): void {
    const head = headFor(kind, payload.length);
    this.#write([head, ...this.key.sealFrame(this.#frames, head, payload)]);
    this.#frames += 1;
  }

  /** Resolves once everything appended before is on the disk. */
  sync(): Promise<void> {
    return sync(this.#descriptor);
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #write(parts: Buffer[]): void {
    const wanted = parts.reduce((sum, part) => sum + part.length, 0);
    try {
      // The system may write less than asked, on a full disk above all.
      const written = writevSync(this.#descriptor, parts);
      if (written < wanted) this.#writeRest(Buffer.concat(parts).subarray(written));
      this.#bytes += wanted;
    } catch (thrown) {
      ftruncateSync(this.#descriptor, this.#bytes);
      throw thrown;
    }
  }

  #writeRest(rest: Buffer): void {
    for (let left = rest; left.length > 0; ) {
      const written = writevSync(this.#descriptor, [left]);
      if (written === 0) throw new Error("the journal's disk takes no more");
      left = left.subarray(written);
    }
  }
}
