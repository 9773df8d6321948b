/** Verifies the OpenID Connect tokens of one issuer and reads from them who someone is. */

import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from "jose";
import type { Principal, PrincipalKind } from "../envelope/call.ts";
import { GatewayError } from "../envelope/error.ts";
import { FetchFailed } from "./bounded-fetch.ts";
import { assertedGroups, claimAt, groupsOf, UnusableClaims } from "./groups.ts";
import type { IssuerKeys } from "./issuer-keys.ts";
import type { IssuerSettings } from "./settings.ts";

/** Seconds that clocks may differ by. */
const skewSeconds = 30;
const msPerSecond = 1_000;
/** OpenID Connect Core section 2 gives `sub` at most 255 characters; some issuers put more into other claims. */
const longestSubject = 512;
/** RFC 8725 section 3.11: explicit types keep other JWTs of the same issuer (logout tokens, security events) from passing for these. */
const acceptedTypes: ReadonlySet<string> = new Set(["jwt", "at+jwt", "application/at+jwt", "application/jwt"]);
/** The one issuer that signs for nothing but workflows (https://docs.github.com/actions/concepts/security/openid-connect). */
const workflowIssuer = "https://token.actions.githubusercontent.com";

/** A verified token: who it names, and the moment (milliseconds since the epoch) from which it names nobody any more. */
export interface Verified {
  readonly principal: Principal;
  readonly until: number;
}

/** Refuses a token. `note` says why, for log and record. INVARIANT: it holds nothing of the token, and no cause is attached: jose's errors carry the claims. */
export const refusedToken = (note: string, message?: string): GatewayError => new GatewayError("credential_invalid", message, { note });

const refusalOf = (issuer: string, thrown: unknown): GatewayError => {
  if (thrown instanceof GatewayError) return thrown;
  if (thrown instanceof errors.JWTExpired) return refusedToken(`${issuer}: expired`, "The credential has expired.");
  if (thrown instanceof errors.JWTClaimValidationFailed) return refusedToken(`${issuer}: the claim ${thrown.claim} does not hold`);
  if (thrown instanceof errors.JOSEError) return refusedToken(`${issuer}: ${thrown.code}`);
  if (thrown instanceof UnusableClaims) return refusedToken(`${issuer}: ${thrown.message}`);
  if (thrown instanceof FetchFailed) return refusedToken(`${issuer}: no keys to check with, ${thrown.message}`);
  return refusedToken(`${issuer}: the token could not be checked`);
};

const checkType = (token: string): void => {
  const { typ } = decodeProtectedHeader(token);
  if (typ !== undefined && !(typeof typ === "string" && acceptedTypes.has(typ.toLowerCase())))
    throw new UnusableClaims("not an ID or access token");
};

/** What a token may not be: issued in the future, or bound to a key that the caller did not show (RFC 7800). */
const checkClaims = (claims: JWTPayload): void => {
  if (claims.iat !== undefined && claims.iat > Date.now() / msPerSecond + skewSeconds) throw new UnusableClaims("issued in the future");
  if (claims.cnf !== undefined) throw new UnusableClaims("bound to a key, which a bearer token does not show");
};

const subjectOf = (claims: JWTPayload, name: string): string => {
  const subject = claimAt(claims, name);
  if (typeof subject !== "string" || subject === "" || subject.length > longestSubject) throw new UnusableClaims("no usable subject");
  return subject;
};

/** An address that the issuer itself calls unverified is nobody's. */
const emailOf = (claims: JWTPayload, name: string): string | undefined => {
  const email = claimAt(claims, name);
  return typeof email === "string" && email.length <= longestSubject && claims.email_verified !== false ? email : undefined;
};

/** RFC 9068 section 5: a token that a client got for itself has the client as its subject. Kubernetes names service accounts by prefix. */
const kindOf = (issuer: string, subject: string, claims: JWTPayload): PrincipalKind => {
  if (issuer === workflowIssuer) return "ci";
  const isOwnClient = subject === claims.client_id || subject === claims.azp;
  return isOwnClient || subject.startsWith("system:serviceaccount:") ? "service" : "human";
};

/** The earliest of a token's own end and the age its issuer allows. */
const endOf = (claims: JWTPayload, maxTokenAge: number): number =>
  Math.min((claims.exp ?? 0) * msPerSecond, (claims.iat ?? 0) * msPerSecond + maxTokenAge);

export class TokenVerifier {
  readonly #settings: IssuerSettings;
  readonly #keys: IssuerKeys;
  readonly #mayAssert: ReadonlySet<string>;
  readonly #takenNames: Pick<ReadonlySet<string>, "has">;

  /** `takenNames`: names that policies already know somebody else by. */
  constructor(settings: IssuerSettings, keys: IssuerKeys, takenNames: Pick<ReadonlySet<string>, "has">) {
    this.#settings = settings;
    this.#keys = keys;
    this.#mayAssert = new Set(settings.groups);
    this.#takenNames = takenNames;
  }

  /** Rejects with `credential_invalid`. */
  async verify(token: string): Promise<Verified> {
    const { name, issuer, audience, algorithms, maxTokenAge } = this.#settings;
    try {
      checkType(token);
      const { payload } = await jwtVerify(token, this.#keys.find, {
        issuer,
        audience: [...audience],
        algorithms: [...algorithms],
        maxTokenAge: maxTokenAge / msPerSecond,
        clockTolerance: skewSeconds,
        requiredClaims: ["exp", "iat"],
      });
      checkClaims(payload);
      if (!this.#settings.conditions.every((holds) => holds(payload))) throw new UnusableClaims("a condition of the issuer does not hold");
      return { principal: this.#principal(payload), until: endOf(payload, maxTokenAge) };
    } catch (thrown) {
      throw refusalOf(name, thrown);
    }
  }

  #principal(claims: JWTPayload): Principal {
    const { name: issuer, claims: names } = this.#settings;
    const subject = subjectOf(claims, names.subject);
    return {
      kind: this.#settings.kinds.find(({ when }) => when(claims))?.kind ?? kindOf(this.#settings.issuer, subject, claims),
      issuer,
      subject,
      name: this.#takenNames.has(subject) ? `${issuer}/${subject}` : subject,
      email: emailOf(claims, names.email),
      groups: groupsOf(issuer, this.#mayAssert, assertedGroups(claims, names.groups)),
    };
  }
}
