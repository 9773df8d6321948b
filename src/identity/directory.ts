/** Says who a caller is: API keys, tokens of configured issuers, or nobody (ARCHITECTURE.md 1.4). */

import { decodeJwt } from "jose";
import type { Identities } from "../enforcement/ports.ts";
import { type Call, gatewayIssuer, type PresentedCredential, type Principal } from "../envelope/call.ts";
import { GatewayError } from "../envelope/error.ts";
import type { AccessControl } from "./access.ts";
import { ApiKeys } from "./api-keys.ts";
import { DocumentFetcher } from "./bounded-fetch.ts";
import { sha256 } from "./digest.ts";
import { looksLikeToken, type WeirTokens } from "./grants/index.ts";
import { IssuerKeys } from "./issuer-keys.ts";
import type { ManagedKeys } from "./keys/index.ts";
import { PrincipalCache } from "./principal-cache.ts";
import type { SeenIdentities } from "./seen-identities.ts";
import type { IdentitySettings, IssuerNetwork, IssuerSettings } from "./settings.ts";
import { refusedToken, TokenVerifier } from "./token-verifier.ts";

/** Node's own limit on all headers of a request is 16 KiB; nothing longer is worth hashing. */
const longestCredential = 16 * 1024;
/** Who has shown nothing; a policy must allow it by this name. */
const anonymousName = "anonymous";

const anonymous: Promise<Principal> = Promise.resolve({
  kind: "anonymous",
  issuer: gatewayIssuer,
  subject: anonymousName,
  name: anonymousName,
  email: undefined,
  groups: [],
});

/** What is wrong with credentials before anybody looks whose they are; undefined when nothing is. One may stand in several places. */
const faultOf = (credentials: readonly PresentedCredential[], first: PresentedCredential): string | undefined => {
  for (const { fault, value } of credentials) {
    if (fault === "repeated") return "A credential was sent twice.";
    if (fault === "unreadable") return "The credential cannot be read.";
    if (value !== first.value) return "Two different credentials were sent.";
  }
  return undefined;
};

/** The issuer that a token claims, verified by nobody yet: it only chooses whose keys must fit. */
const claimedIssuer = (token: string): string | undefined => {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined; // no JWT, so no issuer's
  }
};

const sourceOf = ({ issuer, jwksUri }: IssuerSettings): string => JSON.stringify([issuer, jwksUri]);

/** The parts of {@link Directory} that a reload replaces, at once and whole. */
interface Known {
  readonly apiKeys: ApiKeys;
  readonly verifiers: ReadonlyMap<string, TokenVerifier>;
  /** Names of configured issuers. */
  readonly issuers: ReadonlySet<string>;
  /** Names that policies know a configured or minted identity by, and so nobody else. */
  readonly taken: Pick<ReadonlySet<string>, "has">;
}

export interface DirectoryOptions {
  readonly settings: IdentitySettings;
  readonly network: IssuerNetwork;
  /** Told when an issuer's keys could not be fetched: the issuer's name, and a reason that holds nothing received. */
  readonly keysFailed?: (issuer: string, reason: string) => void;
  /** What the gateway itself keeps; absent: there are no tokens, no minted keys, and nothing is ever taken away. */
  readonly kept?: KeptAccess | undefined;
}

/** Credentials and revocations that live in the database, and the directory there. */
export interface KeptAccess {
  readonly tokens: Pick<WeirTokens, "resolve">;
  readonly keys: Pick<ManagedKeys, "ownerOf" | "hasName">;
  readonly control: Pick<AccessControl, "check">;
  readonly seen: Pick<SeenIdentities, "note">;
}

export class Directory implements Identities {
  readonly #fetcher: DocumentFetcher;
  readonly #keysFailed: NonNullable<DirectoryOptions["keysFailed"]>;
  readonly #cache = new PrincipalCache<Principal>();
  readonly #keys = new Map<string, IssuerKeys>();
  readonly #kept: KeptAccess | undefined;
  #known: Known;

  constructor({ settings, network, keysFailed = () => {}, kept }: DirectoryOptions) {
    this.#kept = kept;
    this.#fetcher = new DocumentFetcher(network);
    this.#keysFailed = keysFailed;
    this.#known = this.#knownOf(settings);
  }

  /** Rejects with `credential_invalid`, and with `credential_revoked` for what has been taken away. What was meant as a credential never becomes anonymous. */
  async identify(call: Pick<Call, "credentials">): Promise<Principal> {
    // No identity is mapped to a client certificate, and one that maps to nobody counts as no credential.
    const shown = call.credentials.filter(({ source }) => source !== "certificate");
    const [credential] = shown;
    if (credential === undefined) return anonymous;
    const fault = faultOf(shown, credential);
    if (fault !== undefined) throw new GatewayError("credential_invalid", fault);
    const principal = await this.#principalOf(credential);
    this.#kept?.control.check(principal);
    this.#kept?.seen.note(principal);
    return principal;
  }

  /** Takes new settings at once. Keys of issuers that stay are kept: one that is away at this moment goes on being known. */
  update(settings: IdentitySettings): void {
    this.#known = this.#knownOf(settings);
    this.#cache.clear();
  }

  /** Stops refreshing keys. */
  async close(): Promise<void> {
    for (const keys of this.#keys.values()) keys.close();
    await this.#fetcher.close();
  }

  #principalOf({ value }: PresentedCredential): Promise<Principal> {
    if (value.length > longestCredential) return Promise.reject(new GatewayError("credential_invalid"));
    if (this.#kept !== undefined && looksLikeToken(value)) return this.#holderOf(value, this.#kept);
    const digest = sha256(value);
    const known = this.#known.apiKeys.ownerOf(digest) ?? this.#cache.get(digest, Date.now());
    if (known !== undefined) return known;
    const owner = this.#kept?.keys.ownerOf(digest);
    return owner === undefined ? this.#verify(value, digest) : Promise.resolve(owner);
  }

  /** A token lasts no longer than whoever vouched for its holder is there, and gives nobody a name that has become another's. */
  async #holderOf(token: string, { tokens }: KeptAccess): Promise<Principal> {
    const holder = await tokens.resolve(token);
    const { issuers, taken } = this.#known;
    const { issuer, subject, name } = holder;
    if (issuer === gatewayIssuer ? taken.has(name) : issuers.has(issuer))
      return issuer !== gatewayIssuer && taken.has(name) ? { ...holder, name: `${issuer}/${subject}` } : holder;
    throw new GatewayError("credential_invalid", undefined, { note: "whoever vouched for the token's holder is not there any more" });
  }

  async #verify(token: string, digest: string): Promise<Principal> {
    const known = this.#known;
    const issuer = claimedIssuer(token);
    if (issuer === undefined) throw refusedToken("neither a known API key nor a token");
    const verifier = known.verifiers.get(issuer);
    if (verifier === undefined) throw refusedToken("no such issuer is configured");
    const { principal, until } = await verifier.verify(token);
    // A reload meanwhile may have changed what the token means.
    if (known === this.#known) this.#cache.set(digest, principal, { now: Date.now(), until });
    return principal;
  }

  #knownOf({ issuers, identities }: IdentitySettings): Known {
    const declared = new Set([anonymousName, ...identities.map(({ name }) => name)]);
    const taken = { has: (name: string): boolean => declared.has(name) || this.#kept?.keys.hasName(name) === true };
    this.#dropKeys(new Set(issuers.map(sourceOf)));
    return {
      apiKeys: new ApiKeys(identities),
      issuers: new Set(issuers.map(({ name }) => name)),
      taken,
      verifiers: new Map(issuers.map((issuer) => [issuer.issuer, new TokenVerifier(issuer, this.#keysOf(issuer), taken)])),
    };
  }

  #keysOf(settings: IssuerSettings): IssuerKeys {
    const source = sourceOf(settings);
    const { name, issuer, jwksUri } = settings;
    const failed = (reason: string): void => this.#keysFailed(name, reason);
    const keys = this.#keys.get(source) ?? new IssuerKeys({ issuer, jwksUri, fetcher: this.#fetcher, failed });
    this.#keys.set(source, keys);
    return keys;
  }

  #dropKeys(wanted: ReadonlySet<string>): void {
    for (const [source, keys] of this.#keys) {
      if (wanted.has(source)) continue;
      keys.close();
      this.#keys.delete(source);
    }
  }
}
