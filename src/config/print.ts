/** The resolved configuration as text, in the notation of `weir.yaml`, defaults filled in; secrets as the references they came from. */

import { stringify } from "yaml";
import type { Config, CustomDetectorConfig, IdentityConfig, IssuerConfig, PolicyConfig } from "./config.ts";
import { printConnection } from "./print-connection.ts";
import { printDuration } from "./print-duration.ts";

const printTls = ({ cert, key, clientCa }: NonNullable<Config["listen"]["tls"]>) => ({
  cert: cert.reference,
  key: key.reference,
  clientCa: clientCa?.reference,
});

const printIssuer = ({ maxTokenAge, ...issuer }: IssuerConfig) => ({ ...issuer, maxTokenAge: printDuration(maxTokenAge) });

const printIdentity = ({ name, kind, groups, owner }: IdentityConfig) => ({
  name,
  kind,
  groups,
  owner: owner && `${owner.issuer}/${owner.subject}`,
  apiKey: "[secret]",
});

const given = (list: readonly string[]): readonly string[] | undefined => (list.length === 0 ? undefined : list);

const printWhen = ({ keywords, topics, promptTokensOver, expression }: NonNullable<PolicyConfig["approval"]>) => {
  const when = { keywords: given(keywords), topics: given(topics), promptTokensOver, expression };
  return Object.values(when).some((value) => value !== undefined) ? when : undefined;
};

const printApproval = (approval: NonNullable<PolicyConfig["approval"]>) => ({
  when: printWhen(approval),
  reviewers: approval.reviewers,
  expires: printDuration(approval.expires),
});

const printTokens = ({ lifetime, approval }: NonNullable<PolicyConfig["tokens"]>) => ({
  lifetime: lifetime === undefined ? undefined : printDuration(lifetime),
  approval: approval && { reviewers: approval.reviewers, expires: printDuration(approval.expires) },
});

const printReplacement = (replace: NonNullable<CustomDetectorConfig["replace"]>) => {
  switch (replace.kind) {
    case "fixed":
      return replace.text;
    case "keep-last":
      return { keepLast: replace.count };
    case "hash":
      return { hash: true };
  }
};

const printMask = ({ custom, ...mask }: NonNullable<PolicyConfig["mask"]>) => ({
  ...mask,
  custom: custom.map(({ name, pattern, replace }) => ({
    name,
    regex: pattern,
    replace: replace && printReplacement(replace),
  })),
});

const printPolicy = ({ promptTokens, outputTokens, quota, tokens, approval, mask, record, ...policy }: PolicyConfig) => ({
  ...policy,
  limits: [promptTokens, outputTokens, quota].every((limit) => limit === undefined) ? undefined : { promptTokens, outputTokens, ...quota },
  tokens: tokens && printTokens(tokens),
  approval: approval && printApproval(approval),
  mask: mask && printMask(mask),
  record: { request: record.request, response: record.response, retention: `${record.retentionDays}d` },
});

/** What `weir serve --check` prints. INVARIANT: holds no secret and no hash of one. */
export const printResolved = (config: Config): string => {
  const { listen, admin, database, dataDir, encryptionKey, egress, roles, recording } = config;
  const shown = {
    listen: { ...listen, tls: listen.tls && printTls(listen.tls) },
    admin,
    database: database.kind === "embedded" ? "embedded" : database.url.reference,
    dataDir,
    encryptionKey: encryptionKey.reference,
    egress: egress.allow === undefined ? undefined : { allow: egress.allow },
    roles,
    recording,
    issuers: config.issuers.map(printIssuer),
    identities: config.identities.map(printIdentity),
    connections: config.connections.map(printConnection),
    policies: config.policies.map(printPolicy),
    notifications: config.notifications.map(({ url, secret, ...target }) => ({ ...target, url: url.reference, secret: secret?.reference })),
  };
  return stringify(shown, { keepUndefined: false, aliasDuplicateObjects: false, lineWidth: 0 });
};
