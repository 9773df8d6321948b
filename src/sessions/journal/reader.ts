/** Reads journal files back: at a start after a crash, and when the database was away for longer than memory holds. */

import { type FileHandle, open } from "node:fs/promises";
import { DataKey } from "../data-key.ts";
import type { MasterKey, SealedKey } from "../master-key.ts";
import { type FrameKind, frameBytes, frameHeadBytes, frameKinds, magic } from "./file.ts";

export interface Frame {
  readonly kind: FrameKind;
  readonly payload: Buffer;
}

/** Read at a time, bytes. */
const windowBytes = 1024 * 1024;

/** Longest preamble of a file, bytes; the JSON of a sealed key takes some 200. */
const longestPreamble = 4096;

const isSealedKey = (value: unknown): value is Omit<SealedKey, "sealed"> & { sealed: string } =>
  typeof value === "object" &&
  value !== null &&
  "id" in value &&
  typeof value.id === "string" &&
  "masterKey" in value &&
  typeof value.masterKey === "string" &&
  "sealed" in value &&
  typeof value.sealed === "string" &&
  "createdAt" in value &&
  typeof value.createdAt === "number";

const readAt = async (file: FileHandle, offset: number, length: number): Promise<Buffer> => {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, offset);
  return buffer.subarray(0, bytesRead);
};

const kindOf = (byte: number): FrameKind | undefined =>
  byte === frameKinds.events ? "events" : byte === frameKinds.open ? "open" : undefined;

/** Reads the frames of one file in order. A file cut while it began has none. */
export class JournalReader {
  readonly path: string;
  readonly key: DataKey;
  readonly #file: FileHandle;
  #offset: number;
  #number: number;
  /** What has been read of the file from the offset on. */
  #window: Buffer = Buffer.alloc(0);

  private constructor(path: string, file: FileHandle, key: DataKey, taken: { bytes: number; frames: number }) {
    this.path = path;
    this.#file = file;
    this.key = key;
    this.#offset = taken.bytes;
    this.#number = taken.frames;
  }

  /**
   * Opens a file at its first frame, or after those that have been taken; undefined when not even its beginning is whole. Throws
   * KeyMismatchError when the key is another.
   */
  static async open(path: string, master: MasterKey, taken?: { bytes: number; frames: number }): Promise<JournalReader | undefined> {
    const file = await open(path, "r");
    try {
      const start = await readAt(file, 0, longestPreamble);
      const jsonOffset = magic.length + 4;
      if (start.length < jsonOffset || !start.subarray(0, magic.length).equals(magic)) return await closed(file);
      const end = jsonOffset + start.readUInt32LE(magic.length);
      if (end > start.length) return await closed(file);
      const sealed: unknown = JSON.parse(start.toString("utf8", jsonOffset, end));
      if (!isSealedKey(sealed)) return await closed(file);
      const key = DataKey.open(master, { ...sealed, sealed: Buffer.from(sealed.sealed, "base64") });
      return new JournalReader(path, file, key, taken ?? { bytes: end, frames: 0 });
    } catch (thrown) {
      await file.close();
      throw thrown;
    }
  }

  /** Where the next frame would begin, bytes from the start of the file. */
  get offset(): number {
    return this.#offset;
  }

  /** The next whole frame; undefined at the end, or where a torn or altered frame begins. */
  async next(): Promise<Frame | undefined> {
    if (!(await this.#have(frameHeadBytes))) return undefined;
    const head = this.#window.subarray(0, frameHeadBytes);
    const kind = kindOf(head.readUInt8(4));
    const end = frameBytes(head.readUInt32LE(0));
    if (kind === undefined || !(await this.#have(end))) return undefined;
    const payload = this.key.openFrame(this.#number, this.#window.subarray(0, frameHeadBytes), this.#window.subarray(frameHeadBytes, end));
    if (payload === undefined) return undefined;
    this.skip(payload.length);
    return { kind, payload };
  }

  /** Whether this many bytes of the file follow; they are then in the window. */
  async #have(bytes: number): Promise<boolean> {
    if (this.#window.length >= bytes) return true;
    // A torn head may name any length: no more is read than there is.
    const { size } = await this.#file.stat();
    if (this.#offset + bytes > size) return false;
    this.#window = await readAt(this.#file, this.#offset, Math.min(Math.max(bytes, windowBytes), size - this.#offset));
    return this.#window.length >= bytes;
  }

  /** Goes past a frame that was shipped from memory. */
  skip(payloadBytes: number): void {
    const bytes = frameBytes(payloadBytes);
    this.#offset += bytes;
    this.#number += 1;
    this.#window = this.#window.subarray(bytes);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

const closed = async (file: FileHandle): Promise<undefined> => {
  await file.close();
  return undefined;
};
