/** The checked configuration: `weir.yaml` with defaults filled in and secrets resolved. Frozen; a reload makes a new one. */

import type { ConnectionProtocol, Descriptors, PathOperation, PrincipalKind, Timeouts } from "../envelope/call.ts";
import type { Secret } from "./secret.ts";

/** Where a listener binds. Port 0: any free one. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** Texts in PEM. */
export interface TlsConfig {
  /** The certificate with its intermediates. */
  readonly cert: Secret;
  readonly key: Secret;
  /** Authorities whose client certificates are taken; undefined: nobody is asked for one. */
  readonly clientCa: Secret | undefined;
}

/** Where the management API listens. */
export interface AdminConfig extends Endpoint {
  /** What links to it begin with, without a slash at its end; undefined where nobody knows: any free port was asked for. */
  readonly url: string | undefined;
}

/** Where callers connect. */
export interface ListenConfig extends Endpoint {
  /** undefined: clear text. */
  readonly tls: TlsConfig | undefined;
}

export type Database = { readonly kind: "embedded" } | { readonly kind: "url"; readonly url: Secret };

/** Networks that may be dialled, as CIDR or the word `public`; undefined: public addresses only. */
export interface Egress {
  readonly allow: readonly string[] | undefined;
}

/** The groups that hold each role. */
export interface Roles {
  readonly admin: readonly string[];
  readonly reviewer: readonly string[];
  readonly auditor: readonly string[];
}

export interface Recording {
  readonly durability: "process" | "disk";
  /** Packs or detectors that mask every record, whatever a policy says. */
  readonly detectors: readonly string[];
}

export type SigningAlgorithm = "RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" | "ES256" | "ES384" | "ES512" | "EdDSA";

/** An OpenID Connect issuer whose tokens are accepted. */
export interface IssuerConfig {
  readonly name: string;
  /** What a token's `iss` must be. */
  readonly issuer: string;
  /** Where its keys are; undefined: found by discovery. */
  readonly jwksUri: string | undefined;
  readonly audience: readonly string[];
  readonly algorithms: readonly SigningAlgorithm[];
  /** The names of the claims that tell who someone is. */
  readonly claims: { readonly subject: string; readonly groups: string; readonly email: string };
  /** Groups it may assert under their bare name; any other is `name/GROUP`. */
  readonly groups: readonly string[];
  /** Milliseconds since `iat` after which a token is refused. */
  readonly maxTokenAge: number;
  /** CEL expressions over a token's claims, every one of which must hold. */
  readonly conditions: readonly string[];
  /** CEL expressions that tell what kind of caller a token is of; the first that holds. */
  readonly kinds: readonly { readonly when: string; readonly kind: Exclude<PrincipalKind, "anonymous"> }[];
}

/** A service identity with an API key. */
export interface IdentityConfig {
  readonly name: string;
  readonly kind: Exclude<PrincipalKind, "anonymous">;
  readonly groups: readonly string[];
  /** Who is responsible for it; undefined: nobody is named. */
  readonly owner: { readonly issuer: string; readonly subject: string } | undefined;
  /** SHA-256 of the API key, lower-case hexadecimal; the key itself is not kept. */
  readonly apiKeyHash: string;
}

export interface ConnectionConfig {
  readonly name: string;
  /** Changes whenever anything about the connection does, its credential included. */
  readonly revision: string;
  readonly protocol: ConnectionProtocol;
  /** Absolute URL without trailing slash. */
  readonly upstream: string;
  readonly http: "1.1" | "2";
  /** `header` is in lower case. */
  readonly credential: { readonly header: string; readonly value: Secret } | undefined;
  /** Milliseconds. */
  readonly timeouts: Timeouts;
  /** Paths in it are absolute. */
  readonly descriptors: Descriptors | undefined;
  /** Empty: dialects name the operations. */
  readonly operations: readonly PathOperation[];
  readonly route: ConnectionRoute;
  /** Callers without a credential may come here as the identity `anonymous`, which a policy must still allow by that name. */
  readonly anonymous: boolean;
}

/** What leads to a connection (ARCHITECTURE.md 1.3). */
export interface ConnectionRoute {
  /** Globs; undefined: the connection names no models of its own. */
  readonly models: readonly string[] | undefined;
  /** Lower case, without port. */
  readonly hosts: readonly string[];
  /** Path prefixes, each beginning with `/` and not ending with one. */
  readonly paths: readonly string[];
  /** RPC services by their full name, `package.Service`. */
  readonly services: readonly string[];
}

/** One policy, resolved. Structurally the `PolicyDocument` of `policy/`, which may not be imported here. */
export interface PolicyConfig {
  readonly name: string;
  readonly match: MatchConfig;
  readonly effect: "allow" | "deny";
  /** `observe`: it changes nothing, and the record says what it would have done. */
  readonly mode: "enforce" | "observe";
  /** The most tokens a prompt may have; undefined: no limit. */
  readonly promptTokens: number | undefined;
  /** The most tokens an answer may have; undefined: no limit. */
  readonly outputTokens: number | undefined;
  /** undefined: no limits of use. */
  readonly quota: QuotaConfig | undefined;
  readonly prompts: PromptConfig;
  readonly answers: AnswerConfig | undefined;
  /** undefined: any tool. */
  readonly tools: ToolConfig | undefined;
  /** undefined: nothing is said of tokens. */
  readonly tokens: TokenConfig | undefined;
  readonly approval: ApprovalConfig | undefined;
  readonly mask: MaskConfig | undefined;
  readonly record: RecordConfig;
}

/** Globs of tools that a request may offer and the model may call. */
export interface ToolConfig {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

/** Terms of tokens whose scope reaches what the policy is about. */
export interface TokenConfig {
  /** Milliseconds; undefined: as long as any may live. */
  readonly lifetime: number | undefined;
  /** Who must agree before one is issued; undefined: nobody. */
  readonly approval: Pick<ApprovalConfig, "reviewers" | "expires"> | undefined;
}

/** Patterns and topics, by the names of those that ship. */
export interface PromptConfig {
  readonly deny: readonly string[];
  readonly allow: readonly string[];
  readonly topics: readonly string[];
}

/** What answers may not say: patterns that stop them, words that do, and patterns that are replaced. */
export interface AnswerConfig {
  readonly deny: readonly string[];
  readonly keywords: readonly string[];
  readonly mask: readonly string[];
}

/** Limits of use, each counted for whom or what `per` says. */
export interface QuotaConfig {
  readonly requestsPerMinute: number | undefined;
  readonly tokensPerDay: number | undefined;
  readonly per: "identity" | "group" | "connection";
}

/** Keys are AND, values OR, an absent key matches all (ARCHITECTURE.md 1.2 has the two exceptions). */
export interface MatchConfig {
  readonly groups?: readonly string[];
  readonly identities?: readonly string[];
  readonly connections?: readonly string[];
  /** Globs, in which `*` stands for any text. */
  readonly models?: readonly string[];
  /** Exact names. */
  readonly operations?: readonly string[];
  readonly kinds?: readonly Exclude<PrincipalKind, "anonymous">[];
  readonly times?: readonly TimeWindowConfig[];
  /** CIDR ranges. */
  readonly networks?: readonly string[];
  /** A CEL expression. */
  readonly expression?: string;
}

/** A weekly window, by the clock of a place. */
export interface TimeWindowConfig {
  readonly days?: readonly ("mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun")[] | undefined;
  /** `HH:MM`. */
  readonly from: string;
  readonly to: string;
  readonly zone: string;
}

/** When a person must agree first. Conditions are OR; none of them: always. */
export interface ApprovalConfig {
  readonly keywords: readonly string[];
  readonly topics: readonly string[];
  readonly promptTokensOver: number | undefined;
  /** A CEL expression. */
  readonly expression: string | undefined;
  readonly reviewers: { readonly groups: readonly string[]; readonly count: number };
  /** Milliseconds a request waits for a decision. */
  readonly expires: number;
}

export interface MaskConfig {
  readonly request: readonly string[];
  readonly response: readonly string[];
  readonly custom: readonly CustomDetectorConfig[];
  readonly keys: readonly string[];
  readonly onUnmaskable: "refuse" | "pass";
}

/** A detector of the user's own; serves both directions. Without `replace`: the label, its name in upper case in brackets. */
export interface CustomDetectorConfig {
  readonly name: string;
  readonly pattern: string;
  readonly replace?:
    | { readonly kind: "fixed"; readonly text: string }
    | { readonly kind: "keep-last"; readonly count: number }
    | { readonly kind: "hash" };
}

export interface RecordConfig {
  readonly request: RecordLevelConfig;
  readonly response: RecordLevelConfig;
  readonly retentionDays: number;
}

export type RecordLevelConfig = "masked" | "metadata" | "none";

/** Somebody who is told when something happens. */
export interface NotificationConfig {
  readonly name: string;
  readonly kind: "webhook" | "slack";
  readonly url: Secret;
  /** Of webhooks. */
  readonly secret: Secret | undefined;
  readonly events: readonly (
    | "approval.opened"
    | "call.blocked"
    | "credential.masked"
    | "credential.revoked_used"
    | "access.changed"
    | "configuration.changed"
  )[];
}

export interface Config {
  /** The file it came from, as it was named. */
  readonly file: string;
  readonly listen: ListenConfig;
  readonly admin: AdminConfig;
  readonly database: Database;
  /** Absolute. */
  readonly dataDir: string;
  /** 32 bytes in base64. */
  readonly encryptionKey: Secret;
  readonly egress: Egress;
  readonly roles: Roles;
  readonly recording: Recording;
  readonly issuers: readonly IssuerConfig[];
  readonly identities: readonly IdentityConfig[];
  readonly connections: readonly ConnectionConfig[];
  readonly policies: readonly PolicyConfig[];
  readonly notifications: readonly NotificationConfig[];
  /** Changes whenever anything that policies decide by does. */
  readonly policyRevision: string;
}
