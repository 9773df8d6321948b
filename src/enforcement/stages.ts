/**
 * The proofs that stages hand on. Each is branded, and each brand is put on in one file only, so that a stage cannot be skipped:
 * a forgotten check does not compile. The order is told in `serve.ts`.
 */

import type { Decision, Facts, PolicySet } from "../../policy/decision.ts";
import type { Obligations, PromptText } from "../../policy/obligations.ts";
import type { Connection, Principal } from "../envelope/call.ts";
import type { Batches, Incoming, Order } from "../envelope/exchange.ts";
import type { Consent, RecordedText } from "./ports.ts";

declare const stage: unique symbol;

type Proof<Name extends string> = { readonly [stage]: Name };

/** Puts a stage's brand on its result. Called by the file that owns the stage and by no other. */
export const proven = <P extends Proof<string>>(facts: Omit<P, typeof stage>): P => facts as P;

/** The caller is known. Made in `identify.ts`. */
export interface Identified extends Proof<"identified"> {
  readonly principal: Principal;
  /** The policies in force when the call arrived; it keeps them to its end. */
  readonly policies: PolicySet;
}

/** Policy allows this caller this operation on these connections. Made in `authorize.ts`. */
export interface Permitted<Q> extends Proof<"permitted"> {
  readonly principal: Principal;
  readonly incoming: Incoming<Q>;
  readonly connections: readonly [Connection, ...Connection[]];
  readonly decision: Decision;
  /** What was decided about. */
  readonly facts: Facts;
  readonly obligations: Obligations;
  readonly mayUse: Order<Q>["mayUse"];
  /** Throws `access_denied` for another model than the decision was about, unless it would have been decided the same. */
  readonly checkModel: (model: string) => void;
}

/** The request's texts have passed the prompt rules, and the request is masked. Made in `inspect.ts`. */
export interface Inspected<Q> extends Proof<"inspected"> {
  readonly permitted: Permitted<Q>;
  readonly message: Q;
  /** What follows it, inspected as it is pulled. */
  readonly more: Batches<Q> | undefined;
  /** Adjacent texts joined, as prompt and approval rules see them. */
  readonly prompt: readonly PromptText[];
  readonly promptTokens: () => number;
  /** The texts masked for the record; also where the record takes none, for whoever must agree to the call. */
  readonly masked: readonly RecordedText[];
}

/** Nobody needs to agree any more. Made in `approve.ts`. */
export interface Cleared<Q> extends Proof<"cleared"> {
  readonly inspected: Inspected<Q>;
  /** What people agreed to, for the record. */
  readonly consents: readonly Consent[];
}

/** The request's record is durable: it may leave the gateway. Made in `ledger.ts`. */
export interface Recorded<Q> extends Proof<"recorded"> {
  readonly order: Order<Q>;
  readonly obligations: Obligations;
}
