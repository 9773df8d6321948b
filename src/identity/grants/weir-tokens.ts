/** Weir tokens: issued for a credential that holds, short-lived, scoped, and found again by whoever shows them. */

import type { Principal } from "../../envelope/call.ts";
import { GatewayError } from "../../envelope/error.ts";
import type { Grant, Scope } from "../../envelope/scope.ts";
import { type Also, newId } from "../../store/index.ts";
import { PrincipalCache } from "../principal-cache.ts";
import { type TokenMint, tokenHash } from "./mint.ts";
import { narrow } from "./scope-text.ts";
import type { StoredToken, TokenStore, Via } from "./token-store.ts";

/** How long tokens live, milliseconds. */
export interface TokenLifetimes {
  /** Where nobody asks for another. */
  readonly usual: number;
  readonly longest: number;
}

export interface WeirTokensOptions {
  readonly store: TokenStore;
  readonly mint: TokenMint;
  readonly lifetimes: () => TokenLifetimes;
  /** The longest that policies let such a token live, milliseconds, in place of what any may; undefined: they do not say. Absent: they never do. */
  readonly capped?: (wanted: Pick<TokenPlan, "holder" | "scope">) => number | undefined;
}

/** What is asked for. */
export interface TokenWish {
  readonly scope: Scope;
  /** Milliseconds; undefined: the usual. */
  readonly lifetime: number | undefined;
  /** Requests that it is to be good for; undefined: any number. */
  readonly requests: number | undefined;
}

/** What a token would be, before anybody has agreed to it. */
export interface TokenPlan {
  readonly holder: Principal;
  readonly scope: Scope;
  /** Milliseconds, by what was asked for and what may be; what it is exchanged for may end sooner. */
  readonly lifetime: number;
  readonly requests: number | undefined;
}

/** How a token is issued. */
export interface Issuing {
  readonly via: Via;
  /** Told the token as it is kept, without its secret. */
  readonly also: Also<[StoredToken]>;
}

export interface IssuedToken {
  /** The token itself, told once and never again. INVARIANT: never logged or recorded. */
  readonly secret: string;
  readonly token: StoredToken;
}

/** A wish that no token is given for; the message may be shown to whoever asked. */
export class TokenRefused extends Error {
  override readonly name = "TokenRefused";
}

/** What a holder of a token comes by. */
export const grantOf = ({ id, lineage, scope, usesLeft, expiresAt }: StoredToken): Grant => ({
  id,
  lineage,
  scope,
  counted: usesLeft !== undefined,
  expiresAt,
});

export class WeirTokens {
  readonly #options: WeirTokensOptions;
  readonly #cache = new PrincipalCache<Principal>();

  constructor(options: WeirTokensOptions) {
    this.#options = options;
  }

  /** What would be issued. Throws {@link TokenRefused} and ScopeError. */
  plan(holder: Principal, wish: TokenWish): TokenPlan {
    const { grant, kind } = holder;
    if (kind === "anonymous") throw new TokenRefused("Nobody has shown a credential.");
    if (grant?.counted === true) throw new TokenRefused("A token for a number of requests cannot be exchanged.");
    const scope = grant === undefined ? wish.scope : narrow(grant.scope, wish.scope);
    return { holder, scope, lifetime: this.#lifetime(wish.lifetime, { holder, scope }), requests: wish.requests };
  }

  /**
   * Issues a token to a caller who has just been identified. Exchanged for another token or a minted key, it is good for no more and lives no longer than
   * that one.
   * Rejects with {@link TokenRefused}, ScopeError, and whatever the database says.
   */
  async issue(holder: Principal, wish: TokenWish, { via, also }: Issuing): Promise<IssuedToken> {
    const { scope, lifetime, requests } = this.plan(holder, wish);
    const { grant, ...principal } = holder;
    const now = Date.now();
    const token: StoredToken = {
      id: newId("tok"),
      lineage: grant === undefined ? [] : [...grant.lineage, grant.id],
      via,
      principal,
      scope,
      usesLeft: requests,
      issuedAt: now,
      expiresAt: Math.min(now + lifetime, grant?.expiresAt ?? Number.POSITIVE_INFINITY),
    };
    const secret = this.#options.mint.make();
    await this.#options.store.insert(tokenHash(secret), token, also);
    return { secret, token };
  }

  /** Whose token this is. Rejects with `credential_invalid` for one that is unknown or has ended, and for any that cannot be looked up. */
  resolve(secret: string): Promise<Principal> {
    const hash = tokenHash(secret);
    return this.#cache.get(hash.toString("latin1"), Date.now()) ?? this.#lookUp(secret, hash);
  }

  /** A genuine token that has not ended; undefined for everything else. */
  async find(secret: string): Promise<StoredToken | undefined> {
    if (!this.#options.mint.isGenuine(secret)) return undefined;
    const token = await this.#options.store.find(tokenHash(secret));
    return token !== undefined && token.expiresAt > Date.now() ? token : undefined;
  }

  /** Takes one request off a counted token. Rejects with `credential_invalid` when none is left. */
  async spend({ grant }: Principal): Promise<void> {
    if (grant?.counted !== true) return;
    const left = await this.#options.store.spend(grant.id).catch((cause: unknown) => {
      throw new GatewayError("credential_invalid", undefined, { note: "a counted token could not be looked up", cause });
    });
    if (!left) throw new GatewayError("credential_invalid", "The token's requests are used up.");
  }

  async #lookUp(secret: string, hash: Buffer): Promise<Principal> {
    const token = await this.find(secret).catch((cause: unknown) => {
      throw new GatewayError("credential_invalid", undefined, { note: "a token could not be looked up", cause });
    });
    if (token === undefined) throw new GatewayError("credential_invalid", undefined, { note: "no such token, or it has ended" });
    const principal: Principal = { ...token.principal, grant: grantOf(token) };
    this.#cache.set(hash.toString("latin1"), principal, { now: Date.now(), until: token.expiresAt });
    return principal;
  }

  #lifetime(wanted: number | undefined, plan: Pick<TokenPlan, "holder" | "scope">): number {
    const { usual, longest } = this.#options.lifetimes();
    return Math.min(wanted ?? usual, this.#options.capped?.(plan) ?? longest);
  }
}
