/** A decision in one sentence, for the record and for `--explain`-like tools; callers never read it. */

import type { Facts } from "./decision.ts";

const who = ({ principal }: Facts): string =>
  principal.kind === "anonymous" ? "callers without a credential" : `${principal.issuer}/${principal.name}`;

const what = ({ operation, connection, features }: Facts): string => {
  const wanted = features.length === 0 ? "" : ` with ${features.join(", ")}`;
  return `${operation.name}${wanted} on ${connection}`;
};

const list = (rules: readonly string[]): string => rules.join(", ");

export const explainAllow = (facts: Facts, rules: readonly string[]): string =>
  `${who(facts)} may use ${what(facts)}: allowed by ${list(rules)}.`;

export const explainDeny = (facts: Facts, rules: readonly string[]): string =>
  rules.length === 0
    ? `${who(facts)} may not use ${what(facts)}: no policy allows it.`
    : `${who(facts)} may not use ${what(facts)}: denied by ${list(rules)}.`;
