/** The record of one call, as the core writes it: at most a few events, each appended to the journal. */

import type { Outcome, RecordedCall, RecordedText, RequestRecord, SessionRecord } from "../enforcement/ports.ts";
import type { Principal } from "../envelope/call.ts";
import type { GatewayError } from "../envelope/error.ts";
import type { Author, Lane, MaskedText } from "../envelope/text.ts";
import { type ChainHash, chainStart, encodeEvent, hashOf } from "./event.ts";
import { type AnswerStart, decidedOf, type EventDetails, endingOf, openingOf } from "./header.ts";
import type { Journal } from "./journal/journal.ts";
import { SegmentBuffer } from "./segment.ts";

/** What a session needs of the recorder it belongs to. */
export interface SessionHost {
  readonly journal: Journal;
  /** A segment has begun: it must not wait for its end longer than a second. */
  segmentBegan(session: Session): void;
  segmentTaken(session: Session): void;
  /** An event was lost: the chain ends at what was written before, to be ended by an `interrupted` event. */
  broke(session: string): void;
}

/** One call's record. INVARIANT: after an event was lost, nothing more is appended, so that the chain has no gap. */
export class Session implements SessionRecord {
  readonly #host: SessionHost;
  readonly #call: RecordedCall;
  /** Milliseconds since the epoch, whole: a database keeps it exactly. */
  readonly #started: number;
  #principal: Principal | undefined;
  #answer: AnswerStart | undefined;
  #pieces: SegmentBuffer | undefined;
  #seq = 0;
  #hash: ChainHash = chainStart;
  #lost: GatewayError | undefined;

  constructor(host: SessionHost, call: RecordedCall) {
    this.#host = host;
    this.#call = call;
    this.#started = Math.floor(call.receivedAt);
  }

  identified(principal: Principal): void {
    this.#principal = principal;
  }

  request(request: RequestRecord): Promise<void> {
    const opening = openingOf(this.#call, request.principal, request.retentionDays);
    const text = request.texts.length === 0 ? "" : JSON.stringify(request.texts);
    return this.#durable({ kind: "requested", opening, decided: decidedOf(request) }, text);
  }

  asked(texts: readonly RecordedText[]): Promise<void> {
    return this.#durable({ kind: "asked" }, JSON.stringify(texts));
  }

  answer(status: number, level: AnswerStart["level"]): void {
    this.#answer = { status, level, at: Date.now() };
    if (level === "masked") this.#pieces = new SegmentBuffer();
  }

  piece(lane: Lane, author: Author, text: MaskedText): void {
    const pieces = this.#pieces;
    if (pieces === undefined || this.#lost !== undefined) return;
    if (pieces.empty) this.#host.segmentBegan(this);
    const at = Date.now() - this.#started;
    for (let rest: string = text; rest !== ""; ) {
      rest = pieces.add(at, lane, author, rest);
      if (pieces.full) this.flush();
    }
  }

  end(outcome: Outcome): Promise<void> {
    const end = endingOf(outcome, this.#answer);
    const text = this.#takePieces();
    return this.#durable(
      this.#seq === 0 ? { kind: "ended", opening: openingOf(this.#call, this.#principal), end } : { kind: "ended", end },
      text,
    );
  }

  /** When the segment that is being filled began, milliseconds since the epoch. */
  get segmentBeganAt(): number {
    return this.#started + (this.#pieces?.from ?? 0);
  }

  /** Appends the segment that is being filled. */
  flush(): void {
    const text = this.#takePieces();
    if (text !== "") this.#append({ kind: "segment" }, text, (error) => this.#settle(error));
  }

  #takePieces(): string {
    if (this.#pieces === undefined || this.#pieces.empty) return "";
    this.#host.segmentTaken(this);
    return this.#pieces.take();
  }

  #durable(details: EventDetails, text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#append(details, text, (error) => {
        this.#settle(error);
        if (error === undefined) resolve();
        else reject(error);
      });
    });
  }

  #settle(error: GatewayError | undefined): void {
    if (error === undefined || this.#lost !== undefined) return;
    this.#lost = error;
    this.#host.broke(this.#call.id);
  }

  #append(details: EventDetails, text: string, settle: (error: GatewayError | undefined) => void): void {
    if (this.#lost !== undefined) {
      settle(this.#lost);
      return;
    }
    const { journal } = this.#host;
    const head = { session: this.#call.id, seq: this.#seq++, started: this.#started, at: Date.now() };
    const event = encodeEvent(this.#hash, head, { details, text }, journal.key);
    this.#hash = hashOf(event);
    const point = { session: head.session, started: head.started, seq: head.seq, hash: this.#hash };
    journal.append({ event, point, last: details.kind === "ended", settle });
  }
}
