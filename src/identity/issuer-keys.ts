/** The signing keys of one issuer: fetched ahead of time, refreshed in the background, kept when the issuer is away. */

import { setTimeout as sleep } from "node:timers/promises";
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey, type LocalJWKSet } from "jose";
import { z } from "zod";
import { type DocumentFetcher, FetchFailed } from "./bounded-fetch.ts";

/** Milliseconds between refreshes that nobody asked for. Key rotation is announced hours ahead. */
const refreshMs = 10 * 60_000;
/** Milliseconds in which a key that we do not have causes no second fetch: what a flood of made-up key ids costs the issuer. */
const coolDownMs = 15_000;
/** Milliseconds after which a failed fetch is tried again: the cool-down of an issuer that is away. */
const retryMs = 5_000;

const discovered = z.object({ issuer: z.string(), jwks_uri: z.string() });
const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(200) });

export interface IssuerKeysOptions {
  readonly issuer: string;
  readonly jwksUri: string | undefined;
  readonly fetcher: DocumentFetcher;
  /** Told of a fetch that failed, with a reason that holds nothing received. */
  readonly failed?: (reason: string) => void;
}

/**
 * States: empty → (a fetch succeeds) → filled, for good: a failed fetch never takes keys away. At most one fetch runs at a time.
 */
export class IssuerKeys {
  readonly #options: IssuerKeysOptions;
  readonly #closed = new AbortController();
  #keys: LocalJWKSet | undefined;
  #fetching: Promise<void> | undefined;
  /** Milliseconds since the epoch before which a missing key causes no fetch. */
  #notBefore = 0;

  constructor(options: IssuerKeysOptions) {
    this.#options = options;
    void this.#keepFresh();
  }

  /** Finds the key of a token for jose. Rejects with jose's `JWKSNoMatchingKey`, or with {@link FetchFailed} while there are no keys at all. */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    if (this.#keys === undefined) await this.#refresh();
    try {
      return await this.#current()(header, token);
    } catch (thrown) {
      if (!(thrown instanceof errors.JWKSNoMatchingKey)) throw thrown;
    }
    await this.#refresh();
    return this.#current()(header, token);
  };

  /** Whether keys have been had. */
  get filled(): boolean {
    return this.#keys !== undefined;
  }

  /** Stops refreshing. */
  close(): void {
    this.#closed.abort();
  }

  #current(): LocalJWKSet {
    if (this.#keys === undefined) throw new FetchFailed("there are no keys yet");
    return this.#keys;
  }

  async #keepFresh(): Promise<void> {
    const { signal } = this.#closed;
    while (!signal.aborted) {
      this.#notBefore = 0;
      const had = await this.#refresh();
      await sleep(had ? refreshMs : retryMs, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  /** Fetches once, unless that was tried a moment ago; whoever comes meanwhile waits for the same fetch. Resolves with whether it brought keys. */
  async #refresh(): Promise<boolean> {
    if (this.#fetching === undefined) {
      if (Date.now() < this.#notBefore) return false;
      this.#fetching = this.#fetch().finally(() => {
        this.#fetching = undefined;
      });
    }
    try {
      await this.#fetching;
      return true;
    } catch {
      return false; // reported where it happened; the last good keys stay
    }
  }

  async #fetch(): Promise<void> {
    this.#notBefore = Date.now() + retryMs;
    try {
      const set = keySet.parse(await this.#options.fetcher.json(await this.#address()));
      this.#keys = createLocalJWKSet(set satisfies JSONWebKeySet);
      this.#notBefore = Date.now() + coolDownMs;
    } catch (thrown) {
      if (!this.#closed.signal.aborted)
        this.#options.failed?.(thrown instanceof FetchFailed ? thrown.message : "the document is not a key set");
      throw thrown;
    }
  }

  /** OpenID Connect Discovery 1.0 section 4: the document's `issuer` must be the very one it was asked of. */
  async #address(): Promise<string> {
    const { issuer, jwksUri, fetcher } = this.#options;
    if (jwksUri !== undefined) return jwksUri;
    const document = discovered.safeParse(await fetcher.json(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`));
    if (!document.success) throw new FetchFailed("the document is not a discovery document");
    if (document.data.issuer !== issuer) throw new FetchFailed("the discovery document is another issuer's");
    return document.data.jwks_uri;
  }
}
