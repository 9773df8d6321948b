/** Where requests wait for a person: opened here, decided anywhere, each yes used once. */

import type { Approvals, ApprovalWish, Consent } from "../enforcement/ports.ts";
import { GatewayError } from "../envelope/error.ts";
import { type ChangeFeed, newId, type Pool, type Subscription } from "../store/index.ts";
import { type Account, type Approval, isSatisfied, type Vote } from "./approval.ts";
import { ApprovalStore } from "./approval-store.ts";
import { bindingKey, bindingOf } from "./binding.ts";
import { firstWord, type Standing } from "./first-word.ts";
import { defaultHoldingLimits, Holding, type HoldingLimits, tooMany } from "./holding.ts";
import { TextSealer } from "./sealed-texts.ts";

export interface ApprovalDeskOptions {
  /** Of the role `weir_access`. */
  readonly pool: Pool;
  readonly feed: ChangeFeed;
  /** 32 bytes. */
  readonly encryptionKey: Uint8Array;
  /** Told of every entry that is opened anew, so that reviewers can be. */
  readonly opened?: (approval: Approval) => void;
  /** Whether a reviewer's access has been taken away: then no yes of theirs holds. Absent: nobody's ever is. */
  readonly isRevoked?: (reviewer: Account) => boolean;
  readonly limits?: HoldingLimits;
  /** How long a caller that left may stay away before its request is withdrawn, milliseconds. */
  readonly absenceMs?: number;
}

interface Waiter {
  readonly id: string;
  readonly tell: (standing: Standing) => void;
}

/** A caller whose connection broke has this long to come back with the same request, milliseconds. */
const usualAbsenceMs = 120_000;
const sweepMs = 5_000;
/** People take a while: a caller who does not wait may ask again after this time, seconds. */
const askAgainSeconds = 5;

const unavailable = (cause: unknown): GatewayError => new GatewayError("approvals_unavailable", undefined, { cause });

/** Why a call does not go on whose entry has come to this. */
const stopped = (id: string, { state, reason }: Standing): GatewayError => {
  const options = { note: `approval ${id}` };
  if (state !== "denied") return new GatewayError("approval_expired", undefined, options);
  const said = reason === null || reason === "" ? undefined : `A reviewer denied this call: ${reason}`;
  return new GatewayError("approval_denied", said, options);
};

const agreed = (approval: string, votes: readonly Vote[], forTime: boolean): Consent => {
  const agreeing = votes.filter(({ verdict }) => verdict === "approve");
  return { approval, forTime, by: agreeing.map(({ issuer, subject, name }) => ({ issuer, subject, name })) };
};

export class ApprovalDesk implements Approvals {
  readonly store: ApprovalStore;
  readonly texts: TextSealer;
  readonly #options: ApprovalDeskOptions;
  readonly #key: Buffer;
  readonly #holding: Holding;
  readonly #changes: Subscription;
  readonly #sweep: NodeJS.Timeout;
  readonly #waiters = new Set<Waiter>();

  constructor(options: ApprovalDeskOptions) {
    this.#options = options;
    this.store = new ApprovalStore(options.pool);
    this.texts = new TextSealer(options.encryptionKey);
    this.#key = bindingKey(options.encryptionKey);
    this.#holding = new Holding(options.limits ?? defaultHoldingLimits);
    this.#changes = options.feed.subscribe("approvals", () => this.#catchUp());
    this.#sweep = setInterval(() => void this.sweep().catch(() => undefined), sweepMs).unref();
  }

  async settle(wish: ApprovalWish): Promise<readonly Consent[]> {
    const release = this.#holding.take(wish.principal, wish.exact);
    try {
      const { consents, rules } = await this.#covered(wish);
      return rules.length === 0 ? consents : [...consents, await this.#wait({ ...wish, rules })];
    } finally {
      release();
    }
  }

  /** Looks for decisions now. */
  refresh(): Promise<void> {
    return this.#changes.look();
  }

  /** Ends entries that are over. Those that somebody waits for here are not left, though somebody else left them elsewhere. */
  async sweep(): Promise<void> {
    const ids = this.#awaited();
    if (ids.length > 0) await this.store.awaited(ids);
    await this.store.sweep(new Date(Date.now() - (this.#options.absenceMs ?? usualAbsenceMs)));
  }

  async stop(): Promise<void> {
    clearInterval(this.#sweep);
    await this.#changes.close();
  }

  /** What was agreed to for a time that covers such calls, and the rules that nothing of it covers. */
  async #covered(wish: ApprovalWish): Promise<{ readonly consents: readonly Consent[]; readonly rules: ApprovalWish["rules"] }> {
    const covered = new Set<string>();
    const consents: Consent[] = [];
    for (const { approval, policies } of await this.#database(this.store.covered(wish))) {
      const votes = await this.#sufficient(approval);
      if (votes === undefined) continue;
      consents.push(agreed(approval, votes, true));
      for (const policy of policies) covered.add(policy);
    }
    return { consents, rules: wish.rules.filter(({ policy }) => !covered.has(policy)) };
  }

  async #wait(wish: ApprovalWish): Promise<Consent> {
    const binding = bindingOf(this.#key, wish);
    const outcome = await this.#database(this.store.outcome(binding));
    if (outcome !== undefined) throw stopped(outcome.id, outcome);
    for (;;) {
      const approval = await this.#open(wish, binding);
      const consent = await this.#passes(approval, await this.#standing(approval, wish));
      if (consent !== undefined) return consent;
    }
  }

  /** How it stands with an entry that is in force, once it is decided. Rejects with `approval_pending` where the caller does not wait for that. */
  async #standing(approval: Approval, wish: ApprovalWish): Promise<Standing> {
    const { id, state, expiresAt } = approval;
    if (expiresAt.getTime() <= Date.now()) return { state: "expired", reason: null };
    if (state === "approved") return { state, reason: null };
    if (!wish.call.prefersNotToWait) return this.#decisionOn(approval, wish);
    throw new GatewayError("approval_pending", undefined, { retryAfter: askAgainSeconds, pending: { id, expiresAt } });
  }

  /** The yes by which the call may pass; undefined: an equal request has used it up, so another is needed. */
  async #passes({ id }: Approval, standing: Standing): Promise<Consent | undefined> {
    switch (standing.state) {
      case "approved":
        return this.#use(id);
      case "used":
        return undefined;
      case "denied":
      case "expired":
      case "withdrawn":
      case "pending":
        throw stopped(id, standing);
    }
  }

  async #use(id: string): Promise<Consent | undefined> {
    const votes = await this.#sufficient(id);
    if (votes !== undefined) return (await this.#database(this.store.use(id))) ? agreed(id, votes, false) : undefined;
    await this.#database(this.store.lapse(id));
    throw new GatewayError("approval_expired", "Whoever agreed to this call may not any more; send it again.", { note: `approval ${id}` });
  }

  /** What reviewers said, where it is still enough: whose access was taken away meanwhile, and who has left the group, has said nothing. */
  async #sufficient(id: string): Promise<readonly Vote[] | undefined> {
    const [approval, said] = await this.#database(Promise.all([this.store.get(id), this.store.votes(id)]));
    const { isRevoked = () => false } = this.#options;
    const votes = said.filter((vote) => !isRevoked(vote));
    return approval !== undefined && isSatisfied(approval.rules, votes) ? votes : undefined;
  }

  async #open(wish: ApprovalWish, binding: Buffer): Promise<Approval> {
    const id = newId("apr");
    const expiresAt = new Date(Date.now() + Math.min(...wish.rules.map(({ expires }) => expires)));
    const { perIdentity: most } = this.#options.limits ?? defaultHoldingLimits;
    const entry = { id, binding, texts: this.texts.seal(id, wish.texts), wish, expiresAt, most };
    const approval = await this.#database(this.store.open(entry));
    if (approval === undefined) throw tooMany();
    if (approval.id === id) this.#options.opened?.(approval);
    return approval;
  }

  async #decisionOn({ id, expiresAt }: Approval, { call: { deadline }, signal }: ApprovalWish): Promise<Standing> {
    const decided = firstWord((tell) => this.#listen({ id, tell }), { expiresAt, deadline, signal });
    // It may have been decided between being opened and being waited for.
    void this.#changes.look();
    try {
      return await decided;
    } catch (thrown) {
      await this.#left(id);
      throw thrown;
    }
  }

  #listen(waiter: Waiter): () => void {
    this.#waiters.add(waiter);
    return () => this.#waiters.delete(waiter);
  }

  /** Somebody left; the entry is told when nobody here waits for it any more. */
  async #left(id: string): Promise<void> {
    for (const waiter of this.#waiters) if (waiter.id === id) return;
    await this.store.left(id).catch(() => undefined);
  }

  #awaited(): readonly string[] {
    return [...new Set([...this.#waiters].map(({ id }) => id))];
  }

  async #catchUp(): Promise<void> {
    const ids = this.#awaited();
    if (ids.length === 0) return;
    const states = new Map((await this.store.states(ids)).map((row) => [row.id, row]));
    for (const waiter of [...this.#waiters]) {
      const standing = states.get(waiter.id);
      if (standing !== undefined && standing.state !== "pending") waiter.tell(standing);
    }
  }

  async #database<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (thrown) {
      throw unavailable(thrown);
    }
  }
}
