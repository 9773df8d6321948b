/** One journal file on its way to the database: what of it is in memory, what must be read back, how far it has been taken. */

import { rmSync, statSync } from "node:fs";
import type { DataKey } from "../data-key.ts";
import { frameBytes, type JournalFile } from "../journal/file.ts";
import { JournalReader } from "../journal/reader.ts";
import type { MasterKey } from "../master-key.ts";

/** States: live (written to) → closed → taken to its end → removed. */
export class ShipFile {
  readonly path: string;
  #live: JournalFile | undefined;
  #key: DataKey | undefined;
  #reader: JournalReader | undefined;
  /** Frames that follow what has been taken, without a gap. */
  readonly #memory: Buffer[] = [];
  /** Whether frames follow those in memory that are only on the disk. */
  #behind: boolean;
  /** How far it has been taken: bytes and frames from the file's start, known for files written by this process. */
  #bytes = 0;
  #frames = 0;
  /** Whether its data key is in the database. */
  keyShipped = false;

  private constructor(path: string, live: JournalFile | undefined) {
    this.path = path;
    this.#live = live;
    this.#key = live?.key;
    this.#behind = live === undefined;
    this.#bytes = live?.bytes ?? 0;
    this.#frames = live?.frames ?? 0;
  }

  /** A file that an earlier run left. */
  static stored(path: string): ShipFile {
    return new ShipFile(path, undefined);
  }

  /** The file that is written from now on. */
  static live(file: JournalFile): ShipFile {
    return new ShipFile(file.path, file);
  }

  /** The key, once a frame has been taken. */
  get key(): DataKey | undefined {
    return this.#key;
  }

  get diskBytes(): number {
    return this.#live?.bytes ?? statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** A frame was written; it is kept in memory when there is room and no gap before it. Returns whether it was. */
  wrote(payload: Buffer, room: boolean): boolean {
    if (this.#behind || !room) {
      this.#behind = true;
      return false;
    }
    this.#memory.push(payload);
    return true;
  }

  /** Whether something may be left to take. */
  get waiting(): boolean {
    return this.#memory.length > 0 || this.#behind;
  }

  /** The next frame of events; undefined when all has been taken. Rejects when the file cannot be read. */
  async take(master: MasterKey): Promise<{ readonly payload: Buffer; readonly fromMemory: boolean } | undefined> {
    const payload = this.#memory.shift();
    if (payload !== undefined) {
      this.#advance(payload);
      this.#reader?.skip(payload.length);
      return { payload, fromMemory: true };
    }
    return this.#behind ? this.#read(master) : undefined;
  }

  async #read(master: MasterKey): Promise<{ readonly payload: Buffer; readonly fromMemory: boolean } | undefined> {
    this.#reader ??= await JournalReader.open(
      this.path,
      master,
      this.#bytes > 0 ? { bytes: this.#bytes, frames: this.#frames } : undefined,
    );
    this.#key ??= this.#reader?.key;
    for (;;) {
      const written = this.#live?.frames ?? 0;
      const frame = await this.#reader?.next();
      if (frame !== undefined) {
        this.#advance(frame.payload);
        if (frame.kind === "events") return { payload: frame.payload, fromMemory: false };
      } else if (this.#frames < written) {
        throw new Error(`${this.path} is not what was written`);
      } else if (this.#live === undefined || this.#frames === this.#live.frames) {
        // Nothing is only on the disk any more: memory serves again.
        this.#behind = false;
        return undefined;
      }
    }
  }

  #advance(payload: Buffer): void {
    this.#bytes += frameBytes(payload.length);
    this.#frames += 1;
  }

  async release(): Promise<void> {
    await this.#reader?.close();
    this.#reader = undefined;
  }

  remove(): void {
    rmSync(this.path, { force: true });
  }
}
