/** Lets metrics and the log see what the record sees: every call passes the recorder, refusals included. */

import type { Outcome, RecordedCall, Recorder, RequestRecord, SessionRecord } from "./enforcement/index.ts";
import type { Principal } from "./envelope/call.ts";
import type { GatewayError } from "./envelope/error.ts";
import type { Author, Lane, MaskedText } from "./envelope/text.ts";
import type { Log, Metrics } from "./telemetry/index.ts";

export interface Observers {
  readonly metrics: Metrics;
  readonly log: Log;
  /** Told of every call that ends. */
  readonly ended?: (ended: EndedCall) => void;
}

/** A call that has ended, as far as it came. */
export interface EndedCall {
  readonly call: RecordedCall;
  readonly principal: Principal | undefined;
  readonly connection: string | undefined;
  readonly outcome: Outcome;
}

const millisecondsPerSecond = 1000;

const logStop = (log: Log, session: string, error: GatewayError): void => {
  const fields = { session, err: error };
  if (error.ruling.fault === "gateway") log.error(fields, "A call failed.");
  else if (error.ruling.fault === "upstream") log.warn(fields, "An upstream failed a call.");
  else log.debug(fields, "A call was refused.");
};

class ObservedRecord implements SessionRecord {
  readonly #record: SessionRecord;
  readonly #call: RecordedCall;
  readonly #observers: Observers;
  #principal: Principal | undefined;
  #connection: string | undefined;

  constructor(record: SessionRecord, call: RecordedCall, observers: Observers) {
    this.#record = record;
    this.#call = call;
    this.#observers = observers;
    observers.metrics.callBegan();
  }

  identified(principal: Principal): void {
    this.#principal = principal;
    this.#record.identified(principal);
  }

  request(request: RequestRecord): Promise<void> {
    this.#connection = request.connection;
    return this.#record.request(request);
  }

  asked(texts: Parameters<SessionRecord["asked"]>[0]): Promise<void> {
    return this.#record.asked(texts);
  }

  answer(status: number, level: Parameters<SessionRecord["answer"]>[1]): void {
    this.#record.answer(status, level);
  }

  piece(lane: Lane, author: Author, text: MaskedText): void {
    this.#record.piece(lane, author, text);
  }

  end(outcome: Outcome): Promise<void> {
    const { metrics, log, ended } = this.#observers;
    metrics.callEnded({
      connection: this.#connection,
      outcome: outcome.kind === "answered" ? "answered" : outcome.error.reason,
      seconds: (Date.now() - this.#call.receivedAt) / millisecondsPerSecond,
      tokens: outcome.usage,
    });
    if (outcome.kind === "stopped") logStop(log, this.#call.id, outcome.error);
    ended?.({ call: this.#call, principal: this.#principal, connection: this.#connection, outcome });
    return this.#record.end(outcome);
  }
}

/** A recorder that counts and logs each call as it is recorded. */
export const observedRecorder = (recorder: Recorder, observers: Observers): Recorder => ({
  open: (call) => new ObservedRecord(recorder.open(call), call, observers),
});
