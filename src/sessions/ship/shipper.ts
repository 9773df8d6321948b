/**
 * Carries the journal to the database: in batches, in order, again and again until it is there, and only then lets go of the files.
 *
 * One batch is under way at a time; what is written meanwhile goes into the next. While the database is away, frames beyond what memory may
 * hold are read back from the files.
 */

import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import type { StoreLog } from "../../store/index.ts";
import { placesIn } from "../event.ts";
import type { JournalFile } from "../journal/file.ts";
import type { StoredFile } from "../journal/folder.ts";
import type { Carrier } from "../journal/journal.ts";
import type { MasterKey } from "../master-key.ts";
import { insertEvents, insertKey, openDay } from "./insert.ts";
import { ShipFile } from "./ship-file.ts";

/**
 * A batch goes out with this many events, or this long after its first, milliseconds; it is closed at these limits, bytes and frames. What a statement and its
 * commit cost PostgreSQL is shared by a batch's events, and nobody waits for them: they are in the journal.
 */
const eagerEvents = 256;
const lingerMs = 100;
const batchFrames = 1_000;
const batchBytes = 4 * 1024 * 1024;
/** Written frames kept in memory until they are shipped, bytes. */
const memoryBytes = 8 * 1024 * 1024;
/** Waits between attempts while the database is away, milliseconds. */
const firstWaitMs = 50;
const longestWaitMs = 2_000;

export interface ShipperOptions {
  /** A pool of the role `weir_writer`. */
  readonly pool: pg.Pool;
  readonly master: MasterKey;
  readonly log: StoreLog;
  readonly stored: readonly StoredFile[];
}

interface Batch {
  readonly file: ShipFile;
  readonly pack: Buffer;
}

const dayMs = 24 * 60 * 60 * 1000;

const dayText = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10);

export class Shipper implements Carrier {
  readonly #options: ShipperOptions;
  /** Oldest first; the last is being written. */
  readonly #files: ShipFile[];
  #live: ShipFile | undefined;
  /** The file known to be on the disk from its first frame on. */
  #anchor: ShipFile | undefined;
  /** In the database to their ends; kept until a later file is anchored. */
  #shipped: ShipFile[] = [];
  /** Days since the epoch whose partitions are there. */
  readonly #days = new Set<number>();
  #bytesElsewhere: number;
  #heldBytes = 0;
  #pendingEvents = 0;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #away = false;
  readonly #stop = new AbortController();

  constructor(options: ShipperOptions) {
    this.#options = options;
    this.#files = options.stored.map(({ path }) => ShipFile.stored(path));
    this.#bytesElsewhere = options.stored.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get bytesElsewhere(): number {
    return this.#bytesElsewhere;
  }

  began(file: JournalFile): void {
    this.#bytesElsewhere += this.#live?.diskBytes ?? 0;
    this.#live = ShipFile.live(file);
    this.#files.push(this.#live);
    if (this.#files.length > 1) this.#start();
  }

  wrote(payload: Buffer, events: number): void {
    if (this.#live?.wrote(payload, this.#heldBytes + payload.length <= memoryBytes) === true) this.#heldBytes += payload.length;
    this.#pendingEvents += events;
    if (this.#running !== undefined) return;
    if (this.#pendingEvents >= eagerEvents) this.#start();
    else this.#linger();
  }

  anchored(file: JournalFile): void {
    if (this.#anchor?.path === file.path) return;
    this.#anchor = this.#files.find(({ path }) => path === file.path);
    for (const shipped of this.#shipped.splice(0)) this.#remove(shipped);
  }

  /**
   * Ships what is left, for at most `graceMs`, and ends. The journal must have been closed. What did not get there in time stays on the disk
   * for the next start; resolves with whether all of it did.
   */
  async stop(graceMs: number): Promise<boolean> {
    const timer = setTimeout(() => this.#stop.abort(), graceMs);
    do {
      // Also with nothing left to take: the latest batch may be under way.
      this.#start();
      await this.#running;
    } while (this.#files.some(({ waiting }) => waiting) && !this.#stop.signal.aborted);
    clearTimeout(timer);
    clearTimeout(this.#timer);
    const done = !this.#stop.signal.aborted;
    if (done) for (const file of [...this.#shipped, ...this.#files]) file.remove();
    await Promise.all(this.#files.map((file) => file.release()));
    return done;
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      if (this.#live?.waiting === true && !this.#stop.signal.aborted) this.#linger();
    });
  }

  #linger(): void {
    this.#timer ??= setTimeout(() => this.#start(), lingerMs);
  }

  async #run(): Promise<void> {
    for (let waitMs = firstWaitMs; ; waitMs = Math.min(2 * waitMs, longestWaitMs)) {
      try {
        for (let batch = await this.#next(); batch !== undefined; batch = await this.#next()) await this.#ship(batch);
        return;
      } catch (thrown) {
        if (this.#stop.signal.aborted) return;
        this.#options.log.error({ err: thrown }, "The journal cannot be read back; it is tried again.");
      }
      await sleep(waitMs);
    }
  }

  /** The next batch, of one file; files taken to their ends are let go. */
  async #next(): Promise<Batch | undefined> {
    for (let file = this.#files[0]; file !== undefined; file = this.#files[0]) {
      const pack = await this.#collect(file);
      if (pack !== undefined) return { file, pack };
      if (file === this.#live) return undefined;
      await this.#finished(file);
    }
    return undefined;
  }

  async #collect(file: ShipFile): Promise<Buffer | undefined> {
    const frames: Buffer[] = [];
    this.#pendingEvents = 0;
    for (let bytes = 0; bytes < batchBytes && frames.length < batchFrames; ) {
      const frame = await file.take(this.#options.master);
      if (frame === undefined) break;
      if (frame.fromMemory) this.#heldBytes -= frame.payload.length;
      bytes += frame.payload.length;
      frames.push(frame.payload);
    }
    return frames.length > 1 ? Buffer.concat(frames) : frames[0];
  }

  async #finished(file: ShipFile): Promise<void> {
    this.#files.shift();
    await file.release();
    if (this.#anchor !== undefined && this.#files.includes(this.#anchor)) this.#remove(file);
    else this.#shipped.push(file);
  }

  #remove(file: ShipFile): void {
    this.#bytesElsewhere -= file.diskBytes;
    file.remove();
  }

  /** Rejects only when told to stop. */
  async #ship(batch: Batch): Promise<void> {
    for (let waitMs = firstWaitMs; ; waitMs = Math.min(2 * waitMs, longestWaitMs)) {
      try {
        await this.#insert(batch);
        this.#reached();
        return;
      } catch (thrown) {
        this.#failed(thrown);
      }
      await sleep(waitMs, undefined, { signal: this.#stop.signal });
    }
  }

  async #insert({ file, pack }: Batch): Promise<void> {
    const { pool } = this.#options;
    if (!file.keyShipped && file.key !== undefined) await insertKey(pool, file.key.sealed);
    file.keyShipped = true;
    const places = placesIn(pack);
    for (const { started } of places) {
      const day = Math.floor(started / dayMs);
      if (this.#days.has(day)) continue;
      await openDay(pool, dayText(day));
      this.#days.add(day);
    }
    await insertEvents(pool, pack, places);
  }

  #reached(): void {
    if (this.#away) this.#options.log.info({}, "The database takes the record again.");
    this.#away = false;
  }

  #failed(thrown: unknown): void {
    // A partition may be gone again: retention has dropped its day.
    this.#days.clear();
    if (!this.#away) this.#options.log.warn({ err: thrown }, "The database does not take the record; the journal keeps it.");
    this.#away = true;
  }
}
