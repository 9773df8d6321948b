/** What holders of tokens may do with them: take them back (RFC 7009) and ask what they are good for (RFC 7662). */

import type { Principal } from "../../envelope/call.ts";
import type { Also } from "../../store/index.ts";
import { formatScope, grantOf, type StoredToken, type WeirTokens } from "../grants/index.ts";
import type { Revocations } from "../revocation/index.ts";
import { type Form, required } from "./form.ts";

const msPerSecond = 1_000;

/** RFC 7662 section 2.2. */
export type Introspection =
  | { readonly active: false }
  | {
      readonly active: true;
      readonly token_type: "Bearer";
      readonly scope?: string;
      readonly sub: string;
      readonly username: string;
      readonly iss: string;
      readonly iat: number;
      readonly exp: number;
      readonly jti: string;
    };

const inactive: Introspection = { active: false };

const seconds = (ms: number): number => Math.floor(ms / msPerSecond);

const activeToken = ({ id, principal, scope, issuedAt, expiresAt }: StoredToken): Introspection => {
  const words = formatScope(scope);
  return {
    active: true,
    token_type: "Bearer",
    ...(words === "" ? {} : { scope: words }),
    sub: principal.subject,
    username: principal.name,
    iss: principal.issuer,
    iat: seconds(issuedAt),
    exp: seconds(expiresAt),
    jti: id,
  };
};

export interface HolderEndpoints {
  readonly tokens: WeirTokens;
  readonly revocations: Revocations;
  /** Writes its event with every token taken back. */
  readonly revoked: Also<[StoredToken]>;
}

const isTheirs = ({ issuer, subject }: Principal, { principal }: StoredToken): boolean =>
  principal.issuer === issuer && principal.subject === subject;

/** What a token is good for, told to its own identity only: to everybody else it is inactive, as a made-up one would be. */
export const introspect = async (
  { tokens, revocations }: Omit<HolderEndpoints, "revoked">,
  asker: Principal,
  form: Form,
): Promise<Introspection> => {
  const token = await tokens.find(required(form, "token"));
  if (token === undefined || !isTheirs(asker, token)) return inactive;
  if (token.usesLeft === 0 || revocations.isRevoked({ ...token.principal, grant: grantOf(token) })) return inactive;
  return activeToken(token);
};

/**
 * Takes a token back, everywhere. Whoever shows it holds it, and needs no other credential: a leaked token can be ended by whoever finds it.
 * An unknown token is no error (RFC 7009 section 2.2).
 */
export const revoke = async ({ tokens, revocations, revoked }: HolderEndpoints, form: Form): Promise<void> => {
  const token = await tokens.find(required(form, "token"));
  if (token === undefined) return;
  const { issuer, subject } = token.principal;
  const until = new Date(token.expiresAt);
  const taking = { by: { issuer, subject }, reason: "given back by its holder", until };
  await revocations.revoke({ kind: "token", id: token.id }, taking, (transaction) => revoked(transaction, token));
};
