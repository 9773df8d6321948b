/** What the core needs of the outside, as types; the features implement them and `main.ts` plugs them in. */

import type { Decision, PolicySet } from "../../policy/decision.ts";
import type { QuotaRule, RecordLevel } from "../../policy/obligations.ts";
import type { Call, Connection, Principal } from "../envelope/call.ts";
import type { GatewayError } from "../envelope/error.ts";
import type { StoredObject } from "../envelope/exchange.ts";
import type { TokenUsage } from "../envelope/message.ts";
import type { Author, Lane, MaskedText } from "../envelope/text.ts";

/** Says who a caller is. Rejects with `credential_missing`, `credential_invalid` or `credential_revoked`. */
export interface Identities {
  identify(call: Call): Promise<Principal>;
}

/** What of a call leads to a connection. */
export type Routed = Pick<Call, "route" | "direction">;

/** What a call's head and model lead to (ARCHITECTURE.md 1.3). INVARIANT: the call's direction holds for every connection answered. */
export interface Connections {
  /**
   * The connection that the first fitting step leads to. `usable` filters what the caller may use first, so that what they may not use looks like what
   * does not exist. Throws `target_unknown`, or `request_invalid` when two fit within the first step that fits.
   */
  resolve(call: Routed, model: string | undefined, usable: (connection: string) => boolean): Connection;
  /** The same, where the step is the shape of a well-known API every connection of that API (`models.list`); never empty, else throws `target_unknown`. */
  resolveAll(call: Routed, usable: (connection: string) => boolean): readonly [Connection, ...Connection[]];
}

/** One masked text of a request, as recorded. */
export interface RecordedText {
  readonly path: readonly (string | number)[];
  readonly author: Author;
  readonly text: MaskedText;
}

/** What the record says about a request before it is forwarded. */
export interface RequestRecord {
  readonly principal: Principal;
  readonly connection: string;
  readonly model: string | undefined;
  readonly decision: Decision;
  readonly policyRevision: string;
  /** What people agreed to; absent where nobody was asked. */
  readonly consents?: readonly Consent[];
  readonly level: RecordLevel;
  /** Empty unless the level is `masked`. */
  readonly texts: readonly RecordedText[];
  readonly retentionDays: number;
}

/** The names of the detectors that replaced something for its reader, by direction, each once; never a text. */
export interface MaskedBy {
  readonly request: readonly string[];
  readonly response: readonly string[];
}

/** How a session ended. */
export type Outcome = (
  | { readonly kind: "answered"; readonly status: number; readonly usage: TokenUsage | undefined }
  | { readonly kind: "stopped"; readonly error: GatewayError; readonly usage: TokenUsage | undefined }
) & {
  /** Absent: nothing was masked. */
  readonly masked?: MaskedBy | undefined;
  /** Sentences about the answer, besides the error's own note; absent: none. INVARIANT: no text of the call. */
  readonly notes?: readonly string[] | undefined;
};

/**
 * The record of one session, opened before anything else. Every method may throw `recording_failed`.
 * Order: `request` at most once, then (with `asked` in between) `answer` at most once, then `piece`s, then `end` exactly once.
 */
export interface SessionRecord {
  /** Notes who calls, as soon as it is known, so that refusals name them too. */
  identified(principal: Principal): void;
  /** Resolves once the request's record is durable. */
  request(request: RequestRecord): Promise<void>;
  /** Texts of a request stream's later messages; resolves once they are durable, and only then may they be forwarded. Any number of times, also while answer pieces come. */
  asked(texts: readonly RecordedText[]): Promise<void>;
  /** The answer has begun. */
  answer(status: number, level: RecordLevel): void;
  /** One piece of masked answer text, as it arrives; cheap and synchronous: pieces are packed into segments. */
  piece(lane: Lane, author: Author, text: MaskedText): void;
  /** Seals the session; resolves once everything of it is durable. */
  end(outcome: Outcome): Promise<void>;
}

/** What the record says of a call's head. */
export type RecordedCall = Pick<Call, "id" | "receivedAt" | "surface" | "operation" | "remoteAddress">;

export interface Recorder {
  /** Opens the record of a call; throws `recording_failed` when the journal cannot take another session. */
  open(call: RecordedCall): SessionRecord;
}

/** Counts tokens the way models of the GPT family do; an estimate for others. */
export interface TokenCounter {
  count(texts: readonly string[]): number;
}

/** What has been taken away, at any moment of a call. */
export interface Access {
  /** Throws `credential_revoked` where the principal, its issuer, its token or the connection has been revoked. */
  check(principal: Principal, connection: string): void;
  /** Takes one request off a token that is good for a number of them. Rejects with `credential_invalid` when none is left. */
  spend(principal: Principal): Promise<void>;
  /** Calls `cut` at most once, when any of it is revoked while the call runs; returns how to stop watching. */
  watch(principal: Principal, connection: string, cut: () => void): () => void;
}

/** A request that waits for a person's yes. */
export interface ApprovalWish {
  readonly call: Pick<Call, "id" | "operation" | "prefersNotToWait" | "deadline">;
  readonly principal: Principal;
  readonly connection: Pick<Connection, "name" | "revision">;
  readonly model: string | undefined;
  readonly policyRevision: string;
  /** Every rule that asks, and why; each must be satisfied. */
  readonly rules: readonly AskingRule[];
  /** The request's texts, masked. */
  readonly texts: readonly RecordedText[];
  readonly unseen: readonly string[];
  /** Aborted when the caller leaves, or may not wait any longer. */
  readonly signal: AbortSignal;
  /** What the yes is bound to besides all of this. INVARIANT: stays in memory; what is stored is an HMAC of it. */
  readonly exact: readonly (string | Uint8Array)[];
}

export interface AskingRule {
  readonly policy: string;
  readonly reasons: readonly string[];
  readonly reviewers: { readonly groups: readonly string[]; readonly count: number };
  /** Milliseconds. */
  readonly expires: number;
}

/** A yes that let a call pass, as the record keeps it. */
export interface Consent {
  /** The approval's id. */
  readonly approval: string;
  /** Whether it was given for a time, to calls like this one, and not to this one alone. */
  readonly forTime: boolean;
  /** Who gave it. */
  readonly by: readonly Pick<Principal, "issuer" | "subject" | "name">[];
}

export interface Approvals {
  /**
   * Resolves with what was agreed to once everybody whose yes is needed has given it; what was for this call alone is then used up. Rejects with `approval_denied`, `approval_expired`, `quota_exceeded`
   * when the caller waits for too many already, `approval_pending` where the caller would rather not wait, `approvals_unavailable`, and `cancelled` once its signal is aborted.
   */
  settle(wish: ApprovalWish): Promise<readonly Consent[]>;
}

/** Who the objects belong to that upstreams keep. An owner is (issuer, subject). */
export interface Ownership {
  /** Resolves once the objects that are nobody's yet are the owner's, durably. */
  claim(owner: Principal, connection: string, objects: readonly StoredObject[]): Promise<void>;
  /** The connections whose upstreams keep all of these objects for the owner. */
  homes(owner: Principal, objects: readonly StoredObject[]): Promise<readonly string[]>;
  /** Those of the objects that are the owner's. */
  owned(owner: Principal, connection: string, objects: readonly StoredObject[]): Promise<readonly StoredObject[]>;
}

export type { QuotaRule } from "../../policy/obligations.ts";

/** A call's claim on its limits of use. */
export interface QuotaClaim {
  readonly rules: readonly QuotaRule[];
  readonly principal: Principal;
  readonly connection: string;
  /** What it may use at most; asked for only where tokens are limited. */
  readonly tokens: () => number;
}

/** What a call holds of its limits until it ends. */
export interface Reservation {
  /** Told once what the call used: the rest is given back. A request counts whatever becomes of it. */
  settle(tokens: number): void;
}

export interface Quotas {
  /** Rejects with `quota_exceeded`, with the time after which trying again makes sense; nothing is held then. */
  reserve(claim: QuotaClaim): Promise<Reservation>;
}

export interface Ports {
  readonly quotas: Quotas;
  readonly objects: Ownership;
  readonly approvals: Approvals;
  readonly identities: Identities;
  readonly access: Access;
  readonly connections: Connections;
  /** The policies in force at this moment; a call keeps the set it began with. */
  readonly policies: () => PolicySet;
  readonly recorder: Recorder;
  readonly tokens: TokenCounter;
}
