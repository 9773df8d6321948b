/** The recorder: opens the record of each call, and ends what a crash has cut. */

import type { RecordedCall, Recorder, SessionRecord } from "../enforcement/ports.ts";
import { type DatabaseAddress, lockFolder, openPool, type StoreLog } from "../store/index.ts";
import { type ChainPoint, encodeEvent, hashOf } from "./event.ts";
import { JournalFolder } from "./journal/folder.ts";
import { type Durability, Journal } from "./journal/journal.ts";
import { recoverOpen } from "./journal/recover.ts";
import { MasterKey } from "./master-key.ts";
import { Session, type SessionHost } from "./session.ts";
import { Shipper } from "./ship/shipper.ts";

export interface RecorderOptions {
  /** The journal lies in its folder `journal`, which one process at a time may have. */
  readonly dataDir: string;
  readonly database: DatabaseAddress;
  /** 32 bytes. */
  readonly encryptionKey: Uint8Array;
  readonly durability: Durability;
  readonly log: StoreLog;
  /** The most that the journal may hold while the database is away, bytes. */
  readonly maxJournalBytes?: number;
  /** A journal file is closed beyond this size, bytes. */
  readonly journalFileBytes?: number;
}

export interface RunningRecorder extends Recorder {
  /** Bytes of journal on the disk. */
  readonly journalBytes: number;
  /** Ends recording: sessions still open are ended as interrupted, what was appended is made durable and, within `graceMs`, shipped; the rest stays for the next start. */
  stop(graceMs?: number): Promise<void>;
}

const mebibyte = 1024 * 1024;
/** About half a million unary calls, or an hour of a busy gateway without its database. */
const defaultMaxJournalBytes = 1024 * mebibyte;
const defaultFileBytes = 16 * mebibyte;
const defaultGraceMs = 10_000;

/** A segment waits for its end no longer than a second (ARCHITECTURE.md 1.7): looked at twice as often, it goes out in time. */
const segmentMs = 500;

class JournalRecorder implements RunningRecorder, SessionHost {
  readonly journal: Journal;
  readonly #shipper: Shipper;
  readonly #stopped: () => Promise<void>;
  /** Sessions with a segment that is being filled. */
  readonly #filling = new Set<Session>();
  /** Sessions that lost an event to a journal that failed. */
  readonly #broken = new Set<string>();
  readonly #sweep: NodeJS.Timeout;

  constructor(journal: Journal, shipper: Shipper, stopped: () => Promise<void>) {
    this.journal = journal;
    this.#shipper = shipper;
    this.#stopped = stopped;
    this.#sweep = setInterval(() => this.#flushOld(), segmentMs).unref();
  }

  get journalBytes(): number {
    return this.journal.bytes;
  }

  open(call: RecordedCall): SessionRecord {
    this.journal.admit();
    if (this.#broken.size > 0) this.#endBroken();
    return new Session(this, call);
  }

  segmentBegan(session: Session): void {
    this.#filling.add(session);
  }

  segmentTaken(session: Session): void {
    this.#filling.delete(session);
  }

  broke(session: string): void {
    this.#broken.add(session);
  }

  /** Ends a session that nobody writes any more. */
  interrupt(point: ChainPoint): void {
    const head = { session: point.session, seq: point.seq + 1, started: point.started, at: Date.now() };
    const content = { details: { kind: "interrupted", end: { outcome: "interrupted" } }, text: "" } as const;
    const event = encodeEvent(point.hash, head, content, this.journal.key);
    const settle = (error: Error | undefined): void => {
      if (error !== undefined) this.#broken.add(head.session);
    };
    const next = { session: head.session, started: head.started, seq: head.seq, hash: hashOf(event) };
    this.journal.append({ event, point: next, last: true, settle });
  }

  async stop(graceMs = defaultGraceMs): Promise<void> {
    clearInterval(this.#sweep);
    for (const session of this.#filling) session.flush();
    this.journal.flush();
    for (const point of [...this.journal.open]) this.interrupt(point);
    await this.journal.close();
    await this.#shipper.stop(graceMs);
    await this.#stopped();
  }

  #endBroken(): void {
    for (const session of this.#broken) {
      const point = this.journal.pointOf(session);
      if (point !== undefined) this.interrupt(point);
    }
    this.#broken.clear();
  }

  #flushOld(): void {
    const limit = Date.now() - segmentMs;
    for (const session of this.#filling) if (session.segmentBeganAt <= limit) session.flush();
  }
}

/**
 * Starts recording: takes the journal, ends what an earlier run left open, and ships it all. Rejects when another process has the journal, or
 * when it was written under another `encryptionKey`.
 */
export const startRecorder = async (options: RecorderOptions): Promise<RunningRecorder> => {
  const { dataDir, database, durability, log } = options;
  const master = new MasterKey(options.encryptionKey);
  const folder = new JournalFolder(dataDir);
  const lock = lockFolder(folder.path);
  const pool = openPool({ address: database, role: "weir_writer", log, max: 1 });
  const stopped = async (): Promise<void> => {
    await pool.end();
    lock.release();
  };
  try {
    const stored = folder.stored();
    const open = await recoverOpen(stored, master, log);
    const shipper = new Shipper({ pool, master, log, stored });
    const limits = { maxBytes: options.maxJournalBytes ?? defaultMaxJournalBytes, fileBytes: options.journalFileBytes ?? defaultFileBytes };
    const cut = [...open.values()];
    const journal = new Journal({ folder, master, durability, log, carrier: shipper, open, ...limits });
    const recorder = new JournalRecorder(journal, shipper, stopped);
    for (const point of cut) recorder.interrupt(point);
    if (cut.length > 0) log.info({ count: cut.length }, "Sessions that were cut when the gateway ended are marked as interrupted.");
    return recorder;
  } catch (thrown) {
    await stopped();
    throw thrown;
  }
};
