/** What the core has learned of a call so far, and its way into the record: so that refusals say as much as answers do. */

import type { Decision } from "../../policy/decision.ts";
import type { Found } from "../../policy/masking/program.ts";
import type { RecordLevel } from "../../policy/obligations.ts";
import type { Principal } from "../envelope/call.ts";
import { GatewayError } from "../envelope/error.ts";
import type { TokenUsage } from "../envelope/message.ts";
import type { PieceSink } from "./masked.ts";
import { outputLimitOf } from "./output-limit.ts";
import type { Consent, MaskedBy, Outcome, RecordedText, RequestRecord, SessionRecord } from "./ports.ts";
import type { Metered } from "./quota.ts";
import { type Cleared, proven, type Recorded } from "./stages.ts";

interface Decided {
  readonly connection: string;
  readonly model: string | undefined;
  readonly decision: Decision;
  readonly policyRevision: string;
}

interface Inspection {
  readonly level: RecordLevel;
  readonly texts: readonly RecordedText[];
  readonly retentionDays: number;
}

/** What is recorded of a request that was stopped before it was inspected: that it was made, and no text of it. */
const notInspected: Inspection = { level: "metadata", texts: [], retentionDays: 90 };

const recordingFailed = (thrown: unknown): GatewayError =>
  thrown instanceof GatewayError && thrown.reason === "recording_failed"
    ? thrown
    : new GatewayError("recording_failed", undefined, { cause: thrown });

/**
 * One call's record as the stages write it. States: open → (request written) → ended; `end` and `fail` end it once, and later ends are ignored,
 * because a stream may fail while its caller leaves.
 */
export class Ledger {
  readonly #record: SessionRecord;
  #principal: Principal | undefined;
  #decided: Decided | undefined;
  #inspection = notInspected;
  /** What the call uses of its limits; undefined where no limit is about it. */
  #metered: Metered | undefined;
  readonly #masked = { request: new Set<string>(), response: new Set<string>() };
  /** What the record says of the answer besides how it ended. */
  readonly #notes = new Set<string>();
  #state: "open" | "requested" | "ended" = "open";

  constructor(record: SessionRecord) {
    this.#record = record;
  }

  /** Takes the names of detectors that replaced something for the reader of a direction. */
  found(direction: keyof MaskedBy): Found {
    return (detector) => this.#masked[direction].add(detector);
  }

  meter(metered: Metered | undefined): void {
    this.#metered = metered;
  }

  get metered(): Metered | undefined {
    return this.#metered;
  }

  identified(principal: Principal): void {
    this.#principal = principal;
    this.#record.identified(principal);
  }

  decided(decided: Decided): void {
    this.#decided = decided;
  }

  /** Adds to what the record says of the decision: what policies that only observe would have done with the request. */
  observed(note: string): void {
    if (this.#decided === undefined) return;
    const { decision } = this.#decided;
    this.#decided = { ...this.#decided, decision: { ...decision, sentence: `${decision.sentence} ${note}` } };
  }

  /** Takes a sentence that the record says of the answer. INVARIANT: holds no text of the call. */
  noted(sentence: string): void {
    this.#notes.add(sentence);
  }

  inspected(inspection: Inspection): void {
    this.#inspection = inspection;
  }

  /** Resolves once the request's record is durable, with the proof that it may be forwarded. Rejects with `recording_failed`. */
  async clear<Q>(cleared: Cleared<Q>): Promise<Recorded<Q>> {
    const { permitted, message, more } = cleared.inspected;
    const request = this.#request(cleared.consents);
    if (request === undefined) throw new GatewayError("internal", undefined, { note: "forwarded before it was decided" });
    this.#state = "requested";
    await this.#durable(this.#record.request(request));
    return proven<Recorded<Q>>({
      order: {
        message,
        more,
        connections: permitted.connections,
        mayUse: permitted.mayUse,
        masked: permitted.obligations.maskResponse !== undefined,
        outputTokens: outputLimitOf(permitted),
      },
      obligations: permitted.obligations,
    });
  }

  /** Resolves once later texts of a request stream are durable. Rejects with `recording_failed`, and with `cancelled` once the call has ended. */
  async asked(texts: readonly RecordedText[]): Promise<void> {
    if (this.#state === "ended") throw new GatewayError("cancelled");
    if (texts.length > 0) await this.#durable(this.#record.asked(texts));
  }

  /** The answer has begun; its masked pieces go to the returned sink. */
  answer(status: number, level: RecordLevel): PieceSink {
    this.#record.answer(status, level);
    return this.#record;
  }

  /** Seals an answered call; resolves once all of it is durable. Rejects with `recording_failed`. */
  async answered(status: number, usage: TokenUsage | undefined): Promise<void> {
    await this.#end({ kind: "answered", status, usage, ...this.#toldOfAnswer() });
  }

  /** Seals a stopped call and returns what its caller is told: the error itself, or `recording_failed` when even that could not be recorded. */
  async fail(error: GatewayError, usage?: TokenUsage): Promise<GatewayError> {
    try {
      await this.#end({ kind: "stopped", error, usage, ...this.#toldOfAnswer() });
      return error;
    } catch (thrown) {
      return recordingFailed(thrown);
    }
  }

  /** Seals a call whose caller left, unless it has ended already. */
  async left(usage: TokenUsage | undefined): Promise<void> {
    if (this.#state !== "ended") await this.fail(new GatewayError("cancelled"), usage);
  }

  async #end(outcome: Outcome): Promise<void> {
    if (this.#state === "ended") return;
    const request = this.#state === "open" ? this.#request() : undefined;
    this.#state = "ended";
    this.#metered?.end(outcome.usage);
    if (request === undefined) return this.#durable(this.#record.end(outcome));
    await this.#durable(Promise.all([this.#record.request(request), this.#record.end(outcome)]));
  }

  #toldOfAnswer(): Pick<Outcome, "masked" | "notes"> {
    const { request, response } = this.#masked;
    return {
      masked: request.size + response.size === 0 ? undefined : { request: [...request], response: [...response] },
      notes: [...this.#notes],
    };
  }

  #request(consents: readonly Consent[] = []): RequestRecord | undefined {
    if (this.#principal === undefined || this.#decided === undefined) return undefined;
    const { connection, model, decision, policyRevision } = this.#decided;
    const { level, texts, retentionDays } = this.#inspection;
    return { principal: this.#principal, connection, model, decision, policyRevision, consents, level, texts, retentionDays };
  }

  async #durable(writing: Promise<unknown>): Promise<void> {
    try {
      await writing;
    } catch (thrown) {
      throw recordingFailed(thrown);
    }
  }
}
