/** Checks of policies: each refers to what there is, and promises only what it can keep. */

import { gatewayIssuer } from "../../envelope/call.ts";
import { didYouMean } from "../near-name.ts";
import type { Finding, Path } from "../problem.ts";
import type { Parsed } from "../schema/index.ts";
import { type Check, repeated } from "./check.ts";

type Policy = Parsed["policies"][number];

const names: Check = {
  reads: ["policies"],
  find: ({ policies }) =>
    repeated(
      "policies",
      policies.map(({ name }) => name),
      "policy",
    ),
};

const eachPolicy =
  (find: (policy: Policy, path: Path, parsed: Parsed) => readonly Finding[]): Check["find"] =>
  (parsed) =>
    parsed.policies.flatMap((policy, index) => find(policy, ["policies", index], parsed));

const knownConnections: Check = {
  reads: ["policies", "connections"],
  find: eachPolicy(({ match }, path, { connections }) => {
    const known = connections.map(({ name }) => name);
    return (match.connections ?? []).flatMap((name, at) =>
      known.includes(name)
        ? []
        : [{ path: [...path, "match", "connections", at], message: `there is no connection named "${name}"${didYouMean(name, known)}` }],
    );
  }),
};

/** Subjects are unique within their issuer only: with two issuers, a bare one could be either's. Services that the API made are the gateway's own. */
const plainSubjects: Check = {
  reads: ["policies", "identities", "issuers"],
  find: eachPolicy(({ match }, path, { identities, issuers }) => {
    const known = new Set(["anonymous", ...identities.map(({ name }) => name)]);
    return (match.identities ?? []).flatMap((name, at): Finding[] => {
      const at_ = [...path, "match", "identities", at];
      if (known.has(name) || [gatewayIssuer, ...issuers.map((issuer) => issuer.name)].some((issuer) => name.startsWith(`${issuer}/`)))
        return [];
      if (issuers.length === 0) return [{ path: at_, message: `there is no identity named "${name}"${didYouMean(name, known)}` }];
      return issuers.length > 1
        ? [{ path: at_, message: `"${name}" could be a subject of any of ${issuers.length} issuers: write ISSUER/SUBJECT` }]
        : [];
    });
  }),
};

const anonymousSomewhere: Check = {
  reads: ["policies", "connections"],
  find: eachPolicy(({ match, effect }, path, { connections }) => {
    const at = match.identities?.indexOf("anonymous") ?? -1;
    const open = connections.filter(({ name, anonymous }) => anonymous && (match.connections?.includes(name) ?? true));
    if (at < 0 || effect === "deny" || open.length > 0) return [];
    return [{ path: [...path, "match", "identities", at], message: "no connection of this policy has anonymous: true" }];
  }),
};

const obligations = ["limits", "prompts", "tools", "tokens", "answers", "approval", "mask"] as const;

const denyWithoutObligations: Check = {
  reads: ["policies"],
  find: eachPolicy((policy, path) =>
    policy.effect === "allow"
      ? []
      : obligations.flatMap((key) =>
          policy[key] === undefined
            ? []
            : [{ path: [...path, key], atKey: true, message: `${key} has no meaning in a policy that denies` }],
        ),
  ),
};

const tokenReviewers: Check = {
  reads: ["policies"],
  find: eachPolicy(({ tokens, approval }, path) =>
    tokens?.approval === true && approval === undefined
      ? [
          {
            path: [...path, "tokens", "approval"],
            message: "true means the reviewers of this policy's approval, and it has none: name them here",
          },
        ]
      : [],
  ),
};

const customDetectors: Check = {
  reads: ["policies"],
  find: eachPolicy(({ mask }, path) => {
    const used = (mask?.custom ?? []).map(({ name }) => name);
    return used.flatMap((name, at) =>
      used.indexOf(name) === at
        ? []
        : [{ path: [...path, "mask", "custom", at, "name"], message: `a second custom detector named "${name}"` }],
    );
  }),
};

/** Checks of policies. */
export const policyChecks: readonly Check[] = [
  names,
  knownConnections,
  plainSubjects,
  anonymousSomewhere,
  denyWithoutObligations,
  tokenReviewers,
  customDetectors,
];
