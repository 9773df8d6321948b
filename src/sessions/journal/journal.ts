/**
 * The journal: what was recorded in one turn of the event loop is written with one write(2), and whoever waits for it goes on.
 *
 * States: working → failed (a write or sync failed: nothing is taken) → working (a new file could be begun) … → closed. While it is failed or
 * full, appending fails with `recording_failed`, so that no answer goes out unrecorded.
 */

import { GatewayError } from "../../envelope/error.ts";
import type { StoreLog } from "../../store/index.ts";
import { DataKey } from "../data-key.ts";
import type { ChainPoint } from "../event.ts";
import type { MasterKey } from "../master-key.ts";
import { JournalFile } from "./file.ts";
import type { JournalFolder } from "./folder.ts";
import { encodeOpen, type OpenSessions } from "./open-sessions.ts";

/** `process`: survives the end of this process; `disk`: survives the end of the machine. */
export type Durability = "process" | "disk";

/** An event to append, and who waits for it. */
export interface Append {
  readonly event: Buffer;
  /** The chain's point once the event is written. */
  readonly point: ChainPoint;
  /** Whether the session ends with it. */
  readonly last: boolean;
  /** Called once: durable, or lost. */
  settle(error: GatewayError | undefined): void;
}

/** What carries the journal's files to the database. */
export interface Carrier {
  /** A file has begun; what is written goes there until the next. */
  began(file: JournalFile): void;
  /** Events were written as one frame. */
  wrote(payload: Buffer, events: number): void;
  /** The file that began last is on the disk from its first frame on, so that those before it are dispensable once shipped. */
  anchored(file: JournalFile): void;
  /** Bytes of the files before the one that began last. */
  readonly bytesElsewhere: number;
}

export interface JournalOptions {
  readonly folder: JournalFolder;
  readonly master: MasterKey;
  readonly durability: Durability;
  readonly log: StoreLog;
  readonly carrier: Carrier;
  /** The most that the journal may hold, bytes. */
  readonly maxBytes: number;
  /** A file is closed beyond this size, bytes. */
  readonly fileBytes: number;
  /** Sessions that earlier runs left open. */
  readonly open: OpenSessions;
}

/** fsync in groups: the first write after one begins the next within this time, milliseconds. */
const syncWithinMs = 20;
/** Events that wait for this turn's end are written earlier beyond this size, bytes. */
const largestFrame = 4 * 1024 * 1024;
/** A data key serves for a day at most, milliseconds. */
const longestFileMs = 24 * 60 * 60 * 1000;
/** Of the journal's room, the part in which sessions still end but none begins: what has been admitted should not be cut. */
const reserved = 0.1;

/** After a failure a new file is tried no more often than this, milliseconds. */
const retryMs = 1_000;

const failed = (cause: unknown): GatewayError => new GatewayError("recording_failed", undefined, { cause });

export class Journal {
  readonly #options: JournalOptions;
  readonly #open: OpenSessions;
  #file: JournalFile;
  /** Files that are full, until they are on the disk and closed. */
  #full: JournalFile[] = [];
  #queue: Append[] = [];
  #queuedBytes = 0;
  #scheduled = false;
  #failure: { readonly cause: unknown; readonly at: number } | undefined;
  /** Events that are written and wait for the disk. */
  #unsynced: Append[] = [];
  #dirty = false;
  #closed = false;
  #syncTimer: NodeJS.Timeout | undefined;
  #syncing: Promise<void> | undefined;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#open = options.open;
    this.#file = this.#begin();
  }

  /** Seals the bodies of events. */
  get key(): DataKey {
    return this.#file.key;
  }

  /** Bytes of the journal on disk. */
  get bytes(): number {
    return this.#file.bytes + this.#options.carrier.bytesElsewhere;
  }

  /** How far a session's chain has durably come; undefined when it has not begun or has ended. */
  pointOf(session: string): ChainPoint | undefined {
    return this.#open.get(session);
  }

  /** Throws `recording_failed` when another session should not be begun. */
  admit(): void {
    if (this.#failure !== undefined) this.#recover(this.#failure);
    if (this.bytes >= this.#options.maxBytes * (1 - reserved)) throw failed(new Error("the journal is nearly full"));
  }

  /** The sessions that have begun and not ended. */
  get open(): Iterable<ChainPoint> {
    return this.#open.values();
  }

  /** Queues an event for the end of this turn. */
  append(append: Append): void {
    if (this.#closed) {
      append.settle(failed(new Error("the journal is closed")));
      return;
    }
    this.#queue.push(append);
    this.#queuedBytes += append.event.length;
    if (this.#queuedBytes >= largestFrame) this.flush();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.flush();
      });
    }
  }

  /** Writes what is queued, syncs and closes the file; what is appended from now on fails. */
  async close(): Promise<void> {
    this.flush();
    this.#closed = true;
    clearTimeout(this.#syncTimer);
    await this.#syncing;
    await this.#sync();
    this.#file.close();
  }

  /** Writes what is queued now instead of at the end of this turn. */
  flush(): void {
    if (this.#queue.length === 0) return;
    const batch = this.#queue;
    this.#queue = [];
    this.#queuedBytes = 0;
    const error = this.#write(batch);
    if (error !== undefined) for (const append of batch) append.settle(error);
    else this.#written(batch);
  }

  #write(batch: readonly Append[]): GatewayError | undefined {
    if (this.#failure !== undefined) return failed(this.#failure.cause);
    const [first] = batch;
    const payload = batch.length === 1 && first !== undefined ? first.event : Buffer.concat(batch.map(({ event }) => event));
    if (this.bytes + payload.length > this.#options.maxBytes) return failed(new Error("the journal is full"));
    try {
      this.#file.append("events", payload);
    } catch (thrown) {
      return this.#fail(thrown);
    }
    this.#options.carrier.wrote(payload, batch.length);
    return undefined;
  }

  #written(batch: readonly Append[]): void {
    for (const { point, last } of batch) {
      if (last) this.#open.delete(point.session);
      else this.#open.set(point.session, point);
    }
    if (this.#options.durability === "disk") this.#unsynced.push(...batch);
    else for (const append of batch) append.settle(undefined);
    this.#dirty = true;
    this.#rotateWhenFull();
    this.#scheduleSync();
  }

  #scheduleSync(): void {
    if (this.#syncTimer !== undefined || this.#syncing !== undefined) return;
    if (this.#options.durability === "disk") this.#startSync();
    else this.#syncTimer = setTimeout(() => this.#startSync(), syncWithinMs).unref();
  }

  #startSync(): void {
    this.#syncTimer = undefined;
    this.#syncing = this.#sync().finally(() => {
      this.#syncing = undefined;
      if (this.#dirty) this.#scheduleSync();
    });
  }

  async #sync(): Promise<void> {
    const [file, waiting, full] = [this.#file, this.#unsynced, this.#full];
    this.#unsynced = [];
    this.#full = [];
    this.#dirty = false;
    let error: GatewayError | undefined;
    try {
      await Promise.all([file, ...full].map((each) => each.sync()));
      this.#options.carrier.anchored(file);
    } catch (thrown) {
      error = this.#fail(thrown);
    }
    for (const each of full) each.close();
    for (const append of waiting) append.settle(error);
  }

  #fail(cause: unknown): GatewayError {
    if (this.#failure === undefined) this.#options.log.error({ err: cause }, "The journal cannot be written; calls are refused.");
    this.#failure = { cause, at: Date.now() };
    return failed(cause);
  }

  /** After a failure the disk may take more again: a new file shows it. What the old one holds is shipped all the same. */
  #recover({ cause, at }: { cause: unknown; at: number }): void {
    if (Date.now() - at < retryMs) throw failed(cause);
    try {
      this.#rotate();
    } catch (thrown) {
      throw this.#fail(thrown);
    }
    this.#failure = undefined;
    this.#options.log.info({}, "The journal can be written again.");
  }

  #rotateWhenFull(): void {
    if (this.#file.bytes < this.#options.fileBytes && Date.now() - this.#file.createdAt < longestFileMs) return;
    try {
      this.#rotate();
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  #rotate(): void {
    const full = this.#file;
    this.#file = this.#begin();
    this.#full.push(full);
  }

  /** INVARIANT: a file's key seals nothing, and the carrier knows nothing of it, before its first frame is written. */
  #begin(): JournalFile {
    const { folder, master, carrier } = this.#options;
    const file = new JournalFile(folder.nextPath(), DataKey.make(master));
    if (this.#open.size > 0) file.append("open", encodeOpen(this.#open));
    carrier.began(file);
    return file;
  }
}
