/** What identifying callers needs of the configuration and of the network; the composition root hands it in. */

import type { buildConnector } from "undici";
import type { Principal, PrincipalKind } from "../envelope/call.ts";

/** An OpenID Connect issuer whose tokens are accepted (ARCHITECTURE.md 1.2). */
export interface IssuerSettings {
  readonly name: string;
  /** What a token's `iss` must equal, character for character (RFC 7519 section 4.1.1). */
  readonly issuer: string;
  /** Where its keys are; undefined: found by discovery. */
  readonly jwksUri: string | undefined;
  /** A token must be meant for one of these. */
  readonly audience: readonly string[];
  /** Signature algorithms with public keys; a shared-secret algorithm or `none` is refused. */
  readonly algorithms: readonly string[];
  /** The names of the claims that tell who someone is. */
  readonly claims: { readonly subject: string; readonly groups: string; readonly email: string };
  /** Groups it may assert under their bare name; any other is `name/GROUP`. */
  readonly groups: readonly string[];
  /** Milliseconds since `iat` after which a token is refused. */
  readonly maxTokenAge: number;
  /** What its tokens must meet besides, every one of them. */
  readonly conditions: readonly ClaimTest[];
  /** What kind of caller a token is of, the first that fits; none: told by its standard claims. */
  readonly kinds: readonly { readonly when: ClaimTest; readonly kind: Exclude<PrincipalKind, "anonymous"> }[];
}

/** Whether claims meet a condition; false where it cannot be told. */
export type ClaimTest = (claims: Readonly<Record<string, unknown>>) => boolean;

/** A service identity with an API key, of which only the hash is known. */
export interface KeySettings {
  readonly name: string;
  readonly kind: Exclude<PrincipalKind, "anonymous">;
  readonly groups: readonly string[];
  /** Who is responsible for it, and may not approve what it asks. */
  readonly owner?: Principal["owner"];
  /** SHA-256 of the API key, lower-case hexadecimal. */
  readonly apiKeyHash: string;
}

export interface IdentitySettings {
  readonly issuers: readonly IssuerSettings[];
  readonly identities: readonly KeySettings[];
}

/** Where issuers may lie: what is checked is the address that is dialled. */
export interface IssuerNetwork {
  /** What undici dials with. `timeout`: milliseconds until connected, TLS included. */
  readonly connector: (timeout: number) => buildConnector.connector;
}
