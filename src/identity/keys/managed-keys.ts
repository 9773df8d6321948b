/** API keys that people mint and import while the gateway runs. Every replica has all of them in memory: nobody's guess ever asks the database. */

import { randomBytes } from "node:crypto";
import { gatewayIssuer, type Principal } from "../../envelope/call.ts";
import type { Scope } from "../../envelope/scope.ts";
import { type Also, type ChangeFeed, newId, type Pool, type Subscription } from "../../store/index.ts";
import { sha256 } from "../digest.ts";
import { type ApiKey, KeyStore, type KnownKey } from "./key-store.ts";

const keyPrefix = "weir_";
const secretBytes = 32;

export interface ManagedKeysOptions {
  /** Of the role `weir_access`. */
  readonly pool: Pool;
  readonly feed: ChangeFeed;
}

/** A key as it is wished for. */
export interface KeyWish {
  readonly identity: string;
  readonly scope: Scope;
  /** Milliseconds since the epoch; infinite: does not end by itself. */
  readonly expiresAt: number;
}

export interface MintedKey {
  /** Told once. INVARIANT: never logged or recorded. */
  readonly secret: string;
  readonly key: ApiKey;
}

/** A key that is to end. */
export interface Ending {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly endsAt: number;
}

interface Known {
  readonly principal: Principal;
  readonly expiresAt: number;
}

const principalOf = ({ id, scope, expiresAt, owner }: KnownKey): Principal => ({
  kind: owner.kind,
  issuer: gatewayIssuer,
  subject: owner.name,
  name: owner.name,
  email: undefined,
  groups: owner.groups,
  grant: { id, lineage: [], scope, counted: false, expiresAt },
  ...(owner.owner === undefined ? {} : { owner: owner.owner }),
});

export class ManagedKeys {
  readonly store: KeyStore;
  readonly #changes: Subscription;
  #known: ReadonlyMap<string, Known> = new Map();
  #names: ReadonlySet<string> = new Set();
  #revision = "";

  private constructor({ pool, feed }: ManagedKeysOptions) {
    this.store = new KeyStore(pool);
    this.#changes = feed.subscribe("keys", () => this.#catchUp());
  }

  /** Rejects when the keys cannot be read even once. */
  static async start(options: ManagedKeysOptions): Promise<ManagedKeys> {
    const keys = new ManagedKeys(options);
    try {
      await keys.#catchUp();
    } catch (thrown) {
      await keys.stop();
      throw thrown;
    }
    return keys;
  }

  /** Whom the key with this SHA-256 (lower-case hexadecimal) belongs to; undefined when there is none, or it has ended. */
  ownerOf(hash: string): Principal | undefined {
    const known = this.#known.get(hash);
    return known !== undefined && known.expiresAt > Date.now() ? known.principal : undefined;
  }

  /** Whether a service identity has this name: then it is nobody else's. */
  hasName(name: string): boolean {
    return this.#names.has(name);
  }

  /** Mints a key; it is told once and never again. Rejects when the identity is not there. */
  async mint(wish: KeyWish, also: Also<[ApiKey]>): Promise<MintedKey> {
    const secret = keyPrefix + randomBytes(secretBytes).toString("base64url");
    return { secret, key: await this.import(sha256(secret), wish, also) };
  }

  /** Mints a key that follows another, which ends at a moment (milliseconds since the epoch), never later than it was to. */
  rotate({ id, endsAt }: Ending, successor: KeyWish, also: Also<[ApiKey]>): Promise<MintedKey> {
    return this.mint(successor, async (transaction, key) => {
      await this.store.endKey(transaction, id, endsAt);
      await also(transaction, key);
    });
  }

  /** Takes over a key that callers have already, by its SHA-256 (lower-case hexadecimal). Whoever brings it vouches for its strength. */
  async import(hash: string, { identity, scope, expiresAt }: KeyWish, also: Also<[ApiKey]>): Promise<ApiKey> {
    const key: ApiKey = { id: newId("key"), identity, scope, createdAt: Date.now(), expiresAt };
    await this.store.addKey(hash, key, also);
    await this.#changes.look();
    return key;
  }

  /** Looks for changes now. */
  refresh(): Promise<void> {
    return this.#changes.look();
  }

  async stop(): Promise<void> {
    await this.#changes.close();
  }

  async #catchUp(): Promise<void> {
    const revision = await this.store.revision();
    if (revision === this.#revision) return;
    const [known, identities] = await Promise.all([this.store.known(), this.store.identities()]);
    this.#names = new Set(identities.map(({ name }) => name));
    this.#known = new Map(known.map((key) => [key.hash, { principal: principalOf(key), expiresAt: key.expiresAt }]));
    this.#revision = revision;
  }
}
