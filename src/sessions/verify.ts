/**
 * Verifies the record from the stored bytes alone. Imports nothing of what writes it: the format is told here a second time, on purpose.
 *
 * A session's events are numbered from 0; hash = SHA-256(hash of the event before ‖ header ‖ body), before the first 32 zero bytes. The header is
 * JSON that names the session, the number, the session's start and the length of the body. The last event is `ended` or `interrupted`.
 */

import { createHash } from "node:crypto";

/** One event as stored. */
export interface StoredEvent {
  readonly session: string;
  /** Milliseconds since the epoch. */
  readonly started: number;
  readonly seq: number;
  readonly hash: Uint8Array;
  readonly header: Uint8Array;
  readonly body: Uint8Array;
}

/** What is wrong with a session; `seq` is the event at which it shows. */
export interface Finding {
  readonly session: string;
  readonly seq: number;
  readonly problem: string;
}

export interface Verdict {
  readonly sessions: number;
  readonly events: number;
  /** Sessions without an end: under way, unless their gateway has ended. */
  readonly open: readonly string[];
  readonly findings: readonly Finding[];
}

const hashBytes = 32;

interface Said {
  readonly session: unknown;
  readonly seq: unknown;
  readonly started: unknown;
  readonly kind: unknown;
  readonly bytes: unknown;
}

const readHeader = (header: Uint8Array): Said | undefined => {
  try {
    const said: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(header));
    if (typeof said !== "object" || said === null) return undefined;
    return { session: undefined, seq: undefined, started: undefined, kind: undefined, bytes: 0, ...said };
  } catch {
    return undefined;
  }
};

/** Follows the chain of one session after another, as their events come. */
class ChainVerifier {
  readonly findings: Finding[] = [];
  readonly open: string[] = [];
  sessions = 0;
  events = 0;
  #session: string | undefined;
  #next = 0;
  #hash: Uint8Array = new Uint8Array(hashBytes);
  #ended = false;

  take(event: StoredEvent): void {
    if (event.session !== this.#session) this.#begin(event.session);
    this.events += 1;
    const problem = this.#problemOf(event);
    if (problem !== undefined) this.findings.push({ session: event.session, seq: event.seq, problem });
    // Going on from what is stored shows every further alteration once, instead of all that follows the first.
    this.#hash = event.hash;
    this.#next = event.seq + 1;
  }

  finish(): void {
    if (this.#session !== undefined && !this.#ended) this.open.push(this.#session);
    this.#session = undefined;
  }

  #begin(session: string): void {
    this.finish();
    this.#session = session;
    this.#next = 0;
    this.#hash = new Uint8Array(hashBytes);
    this.#ended = false;
    this.sessions += 1;
  }

  #problemOf(event: StoredEvent): string | undefined {
    if (this.#ended) return "an event follows the session's end";
    if (event.seq !== this.#next)
      return event.seq > this.#next ? `events ${this.#next} to ${event.seq - 1} are missing` : "an event is there twice";
    const hash = createHash("sha256").update(this.#hash).update(event.header).update(event.body).digest();
    const said = readHeader(event.header);
    if (said?.kind === "ended" || said?.kind === "interrupted") this.#ended = true;
    if (!hash.equals(event.hash)) return "the event, or the hash before it, has been altered";
    if (said === undefined) return "the header cannot be read";
    if (said.session !== event.session || said.seq !== event.seq || said.started !== event.started) return "the event belongs elsewhere";
    return said.bytes === event.body.length ? undefined : "the body is not as long as its header says";
  }
}

/** Verifies events that come sorted by session and number. */
export const verifyEvents = async (events: AsyncIterable<StoredEvent> | Iterable<StoredEvent>): Promise<Verdict> => {
  const verifier = new ChainVerifier();
  for await (const event of events) verifier.take(event);
  verifier.finish();
  const { sessions, events: count, open, findings } = verifier;
  return { sessions, events: count, open, findings };
};
