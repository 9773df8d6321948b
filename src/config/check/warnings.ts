/** What is allowed and yet probably not meant. */

import { didYouMean } from "../near-name.ts";
import type { Finding } from "../problem.ts";
import type { Parsed } from "../schema/index.ts";

/** Groups that somebody can be in, as policies write them. */
const assertable = ({ issuers, identities }: Parsed): ReadonlySet<string> =>
  new Set([...issuers.flatMap(({ groups }) => groups), ...identities.flatMap(({ groups }) => groups)]);

/** A finding at each group of a policy that no issuer or identity of this file can have: such a policy fits nobody, and a deny denies nobody. */
export const unknownGroups = (parsed: Parsed): readonly Finding[] => {
  const known = assertable(parsed);
  const prefixed = (group: string) => parsed.issuers.some(({ name }) => group.startsWith(`${name}/`));
  return parsed.policies.flatMap(({ match }, index) =>
    (match.groups ?? []).flatMap((group, at): Finding[] => {
      if (known.has(group) || prefixed(group)) return [];
      const message = `no issuer or identity can be in the group "${group}"${didYouMean(group, known)}`;
      return [{ path: ["policies", index, "match", "groups", at], message }];
    }),
  );
};
