/** Checks of issuers and identities: nobody may pose as somebody else. */

import { gatewayIssuer } from "../../envelope/call.ts";
import { estimateKeyBits, leastKeyBits } from "../key-strength.ts";
import type { Finding } from "../problem.ts";
import type { Parsed } from "../schema/index.ts";
import { type Check, repeated } from "./check.ts";

/** Names that mean something by themselves. */
const anonymous = "anonymous";

const issuerNames: Check = {
  reads: ["issuers"],
  find: ({ issuers }) => [
    ...repeated(
      "issuers",
      issuers.map(({ name }) => name),
      "issuer",
    ),
    ...issuers.flatMap(({ name }, index) =>
      name === gatewayIssuer ? [{ path: ["issuers", index, "name"], message: `"${gatewayIssuer}" is the gateway itself` }] : [],
    ),
    ...issuers.flatMap(({ issuer }, index) =>
      issuers.findIndex((other) => other.issuer === issuer) === index
        ? []
        : [{ path: ["issuers", index, "issuer"], message: "a second entry for this issuer: its tokens would have two readings" }],
    ),
  ],
};

const discovery: Check = {
  reads: ["issuers"],
  find: ({ issuers }) =>
    issuers.flatMap(({ issuer, jwksUri }, index) =>
      jwksUri !== undefined || /^https?:\/\//.test(issuer)
        ? []
        : [{ path: ["issuers", index, "issuer"], message: "must be an https: URL to be discovered; give jwksUri for any other" }],
    ),
};

/** A bare group that looks like another issuer's would let one issuer speak for the other. */
const foreignGroups: Check = {
  reads: ["issuers"],
  find: ({ issuers }) =>
    issuers.flatMap(({ groups }, index) =>
      groups.flatMap((group, at): Finding[] => {
        const prefix = group.includes("/") ? group.slice(0, group.indexOf("/")) : undefined;
        return issuers.some(({ name }) => name === prefix)
          ? [
              {
                path: ["issuers", index, "groups", at],
                message: `"${group}" is how a group of the issuer "${prefix}" is written, not a bare name`,
              },
            ]
          : [];
      }),
    ),
};

const identityNames: Check = {
  reads: ["identities"],
  find: ({ identities }) => [
    ...repeated(
      "identities",
      identities.map(({ name }) => name),
      "identity",
    ),
    ...identities.flatMap(({ name }, index) =>
      name === anonymous ? [{ path: ["identities", index, "name"], message: `"${anonymous}" is who has no credential` }] : [],
    ),
  ],
};

const keyFindings = ({ identities }: Parsed): readonly Finding[] =>
  identities.flatMap(({ apiKey }, index): Finding[] => {
    const path = ["identities", index, "apiKey"];
    const first = identities.findIndex((other) => other.apiKey.reveal() === apiKey.reveal());
    if (first !== index) return [{ path, message: `is the key of "${identities[first]?.name}" too: it could not tell them apart` }];
    if (!/^[\x21-\x7e]+$/.test(apiKey.reveal())) return [{ path, message: "must be printable ASCII without spaces, to stand in a header" }];
    const bits = estimateKeyBits(apiKey.reveal());
    return bits >= leastKeyBits
      ? []
      : [{ path, message: `must have at least ${leastKeyBits} bits; this one has about ${bits}. Make one with: openssl rand -hex 32` }];
  });

/** Checks of issuers and identities. */
export const callerChecks: readonly Check[] = [
  issuerNames,
  discovery,
  foreignGroups,
  identityNames,
  { reads: ["identities"], opensSecrets: true, find: keyFindings },
];
