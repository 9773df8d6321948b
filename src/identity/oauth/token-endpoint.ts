/** `POST /oauth/token`: token exchange (RFC 8693) and client credentials (RFC 6749 section 4.4). */

import type { Principal } from "../../envelope/call.ts";
import { GatewayError } from "../../envelope/error.ts";
import {
  formatScope,
  type IssuedToken,
  type Issuing,
  parseScope,
  ScopeError,
  type TokenPlan,
  TokenRefused,
  type TokenWish,
  type WeirTokens,
} from "../grants/index.ts";
import { authenticateClient, bearer, type Identify } from "./client.ts";
import { type Form, positive, required } from "./form.ts";
import { OAuthError } from "./oauth-error.ts";

const exchangeGrant = "urn:ietf:params:oauth:grant-type:token-exchange";
const clientGrant = "client_credentials";
/** The grant types that the endpoint takes. */
export const grantTypes = [exchangeGrant, clientGrant] as const;

const typePrefix = "urn:ietf:params:oauth:token-type:";
/** RFC 8693 section 3: what a caller's own token may be. */
const subjectTypes: ReadonlySet<string> = new Set(["access_token", "id_token", "jwt"].map((type) => typePrefix + type));
const issuedType = `${typePrefix}access_token`;

/** RFC 8693 parameters that would ask for what these tokens do not have. */
const unsupported = ["actor_token", "actor_token_type", "resource", "audience"];

const msPerSecond = 1_000;
/** A day: the longest that may be asked for; what is allowed is far less. */
const mostSeconds = 86_400;
const mostRequests = 1_000_000;

/** RFC 6749 section 5.1 and RFC 8693 section 2.2.1. */
export interface TokenAnswer {
  readonly access_token: string;
  readonly issued_token_type: string;
  readonly token_type: "Bearer";
  readonly expires_in: number;
  readonly scope?: string;
}

const wishOf = (form: Form): TokenWish => {
  const seconds = positive(form, "expires_in", mostSeconds);
  return {
    scope: parseScope(form.get("scope") ?? ""),
    lifetime: seconds === undefined ? undefined : seconds * msPerSecond,
    requests: positive(form, "requests", mostRequests),
  };
};

const checkExchange = (form: Form): void => {
  for (const name of unsupported)
    if (form.has(name))
      throw new OAuthError(name.startsWith("actor") ? "invalid_request" : "invalid_target", `The parameter ${name} is not supported.`);
  if (!subjectTypes.has(required(form, "subject_token_type")))
    throw new OAuthError("invalid_request", "subject_token_type must be an access token, an ID token or a JWT.");
  if ((form.get("requested_token_type") ?? issuedType) !== issuedType)
    throw new OAuthError("invalid_request", "Only access tokens are issued.");
};

const holderOfSubject = async (identify: Identify, form: Form): Promise<Principal> => {
  checkExchange(form);
  try {
    return await identify(bearer(required(form, "subject_token")));
  } catch (thrown) {
    if (thrown instanceof GatewayError) throw new OAuthError("invalid_grant", "The subject token is not valid.", { cause: thrown });
    throw thrown;
  }
};

const answerOf = ({ secret, token }: IssuedToken): TokenAnswer => {
  const scope = formatScope(token.scope);
  return {
    access_token: secret,
    issued_token_type: issuedType,
    token_type: "Bearer",
    expires_in: Math.floor((token.expiresAt - token.issuedAt) / msPerSecond),
    ...(scope === "" ? {} : { scope }),
  };
};

/** What a request waits with for a person. */
export interface TokenWaiting {
  /** The session's id. */
  readonly session: string;
  /** Aborted when the client leaves. */
  readonly signal: AbortSignal;
}

/**
 * Resolves once everybody has agreed whom policies ask about a token; undefined where they ask nobody. What it resolves with is asked again right before the
 * token is issued, and throws where the yes holds no longer. Rejects with a GatewayError as a call does that waits.
 */
export type TokenAgreement = (plan: TokenPlan, waiting: TokenWaiting) => Promise<(() => void) | undefined>;

export interface TokenEndpoint {
  readonly identify: Identify;
  readonly tokens: WeirTokens;
  readonly agreed: (plan: TokenPlan) => ReturnType<TokenAgreement>;
  /** Writes its event with every token issued. */
  readonly issued: Issuing["also"];
}

/** Who asks: asked again after a wait, since what they showed may have ended or been taken away. */
type HolderOf = () => Promise<Principal>;

const holderAgain = async (holderOf: HolderOf, before: Principal): Promise<Principal> => {
  const holder = await holderOf();
  const { issuer, subject, grant } = holder;
  if (issuer === before.issuer && subject === before.subject && grant?.id === before.grant?.id) return holder;
  throw new OAuthError("invalid_grant", "The credential is somebody else's by now.");
};

const issue = async ({ tokens, agreed, issued }: TokenEndpoint, holderOf: HolderOf, form: Form): Promise<TokenAnswer> => {
  const wish = wishOf(form);
  const first = await holderOf();
  const checkAgreement = await agreed(tokens.plan(first, wish));
  const holder = checkAgreement === undefined ? first : await holderAgain(holderOf, first);
  checkAgreement?.();
  const via = form.get("grant_type") === clientGrant ? "client_credentials" : "exchange";
  return answerOf(await tokens.issue(holder, wish, { via, also: issued }));
};

/** Rejects with an OAuthError for whatever the client did wrong. */
export const answerToken = async (endpoint: TokenEndpoint, authorization: string | undefined, form: Form): Promise<TokenAnswer> => {
  const { identify } = endpoint;
  const type = required(form, "grant_type");
  try {
    if (type === exchangeGrant) return await issue(endpoint, () => holderOfSubject(identify, form), form);
    if (type === clientGrant) return await issue(endpoint, () => authenticateClient(identify, authorization, form), form);
  } catch (thrown) {
    if (thrown instanceof ScopeError) throw new OAuthError("invalid_scope", thrown.message);
    if (thrown instanceof TokenRefused) throw new OAuthError("invalid_grant", thrown.message);
    throw thrown;
  }
  throw new OAuthError("unsupported_grant_type", "The grant type is not supported.");
};
