/** From a parsed file to the Config that the house is built from. */

import { createHash } from "node:crypto";
import { present } from "../envelope/present.ts";
import type { Config, IdentityConfig, IssuerConfig, MaskConfig, PolicyConfig } from "./config.ts";
import { connectionOf } from "./resolve-connection.ts";
import { revisionOf } from "./revision.ts";
import type { Parsed } from "./schema/index.ts";

/** What the file itself does not say. */
export interface Origin {
  /** The file as it was named. */
  readonly file: string;
  /** Absolute path of a path that the file names. */
  readonly absolute: (path: string) => string;
  /** What tells two states of a file apart. */
  readonly digest: (path: string) => string;
}

/** Resolves a sound file. The result is frozen throughout. */
export const resolveConfig = (parsed: Parsed, { file, absolute, digest }: Origin): Config => {
  const { listen, admin, encryptionKey, roles, recording } = parsed;
  const policies = parsed.policies.map(policyOf);
  return frozen({
    file,
    listen: { address: listen.address, port: listen.port, tls: tlsOf(listen.tls) },
    admin: { address: admin.address, port: admin.port, url: admin.url ?? addressOf(admin) },
    database: parsed.database === "embedded" ? { kind: "embedded" } : { kind: "url", url: parsed.database },
    dataDir: absolute(parsed.dataDir),
    encryptionKey,
    egress: { allow: parsed.egress?.allow },
    roles,
    recording,
    issuers: parsed.issuers.map(issuerOf),
    identities: parsed.identities.map(identityOf),
    connections: parsed.connections.map((connection) => connectionOf(connection, { absolute, digest, key: encryptionKey.reveal() })),
    policies,
    notifications: parsed.notifications.map(({ secret, ...target }) => ({ ...target, secret })),
    policyRevision: revisionOf({
      policies,
      recording: recording.detectors,
      roles,
      issuers: parsed.issuers,
      who: parsed.identities.map(whoOf),
    }),
  });
};

/** An address of the listener itself, IPv6 in brackets; undefined where its port is not known yet. */
const addressOf = ({ address, port }: Parsed["admin"]): string | undefined =>
  port === 0 ? undefined : `http://${address.includes(":") ? `[${address}]` : address}:${port}`;

const tlsOf = (tls: Parsed["listen"]["tls"]): Config["listen"]["tls"] => tls && { cert: tls.cert, key: tls.key, clientCa: tls.clientCa };

/** Resolves a sound issuer. */
export const issuerOf = ({ audience, jwksUri, ...issuer }: Parsed["issuers"][number]): IssuerConfig => ({
  ...issuer,
  jwksUri,
  audience: typeof audience === "string" ? [audience] : audience,
});

const ownerOf = (owner: string): NonNullable<IdentityConfig["owner"]> => {
  const slash = owner.indexOf("/");
  return { issuer: owner.slice(0, slash), subject: owner.slice(slash + 1) };
};

/** What policies know an identity by: no key, so that a new key is no other revision. */
const whoOf = ({ name, kind, groups, owner }: Parsed["identities"][number]) => ({ name, kind, groups, owner });

const identityOf = ({ apiKey, owner, ...identity }: Parsed["identities"][number]): IdentityConfig => ({
  ...identity,
  owner: owner === undefined ? undefined : ownerOf(owner),
  apiKeyHash: createHash("sha256").update(apiKey.reveal()).digest("hex"),
});

/** Resolves a sound policy. */
export const policyOf = ({
  name,
  match,
  effect,
  mode,
  limits,
  prompts,
  answers,
  tools,
  tokens,
  approval,
  mask,
  record,
}: Parsed["policies"][number]): PolicyConfig => ({
  name,
  match: present<PolicyConfig["match"]>(match),
  effect,
  mode,
  promptTokens: limits?.promptTokens,
  outputTokens: limits?.outputTokens,
  quota: quotaOf(limits),
  prompts: prompts ?? { deny: [], allow: [], topics: [] },
  answers,
  tools,
  tokens: tokens === undefined ? undefined : tokensOf(tokens, approval),
  approval: approval === undefined ? undefined : approvalOf(approval),
  mask: mask === undefined ? undefined : maskOf(mask),
  record: { request: record.request, response: record.response, retentionDays: record.retention },
});

type ParsedPolicy = Parsed["policies"][number];

const quotaOf = (limits: ParsedPolicy["limits"]): PolicyConfig["quota"] =>
  limits?.requestsPerMinute === undefined && limits?.tokensPerDay === undefined
    ? undefined
    : { requestsPerMinute: limits.requestsPerMinute, tokensPerDay: limits.tokensPerDay, per: limits.per };

const approvalOf = ({ when, reviewers, expires }: NonNullable<ParsedPolicy["approval"]>): NonNullable<PolicyConfig["approval"]> => ({
  keywords: when?.keywords ?? [],
  topics: when?.topics ?? [],
  promptTokensOver: when?.promptTokensOver,
  expression: when?.expression,
  reviewers,
  expires,
});

/** `true`: whoever decides on the policy's calls decides on its tokens, too. */
const tokensOf = (
  { lifetime, approval }: NonNullable<ParsedPolicy["tokens"]>,
  ofCalls: ParsedPolicy["approval"],
): NonNullable<PolicyConfig["tokens"]> => {
  const asked = approval === true ? ofCalls : approval;
  return { lifetime, approval: asked && { reviewers: asked.reviewers, expires: asked.expires } };
};

const maskOf = ({ request, response, custom, keys, onUnmaskable }: NonNullable<ParsedPolicy["mask"]>): MaskConfig => ({
  request,
  response,
  custom: custom.map(customOf),
  keys,
  onUnmaskable,
});

type ParsedCustom = NonNullable<ParsedPolicy["mask"]>["custom"][number];

const customOf = ({ name, regex, replace }: ParsedCustom): MaskConfig["custom"][number] => {
  if (replace === undefined) return { name, pattern: regex };
  if (typeof replace === "string") return { name, pattern: regex, replace: { kind: "fixed", text: replace } };
  if ("hash" in replace) return { name, pattern: regex, replace: { kind: "hash" } };
  return { name, pattern: regex, replace: { kind: "keep-last", count: replace.keepLast } };
};

const frozen = <Value>(value: Value): Value => {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) frozen(part);
  }
  return value;
};
