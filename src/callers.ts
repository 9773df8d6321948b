/** Who may say who a caller is, out of a configuration: issuers with their conditions compiled. */

import { type ClaimCondition, compileClaimCondition, ExpressionError } from "../policy/index.ts";
import { type Config, type Finding, type Loaded, type Path, refuse } from "./config/index.ts";
import type { IdentitySettings } from "./identity/index.ts";

const compileAt = (path: Path, source: string, findings: Finding[]): ClaimCondition => {
  try {
    return compileClaimCondition(source);
  } catch (thrown) {
    if (!(thrown instanceof ExpressionError)) throw thrown;
    findings.push({ path, message: thrown.message, offset: thrown.position });
    return () => false;
  }
};

type Issuer = Config["issuers"][number];

const issuerSettings = (issuer: Issuer, path: Path, findings: Finding[]): IdentitySettings["issuers"][number] => ({
  ...issuer,
  conditions: issuer.conditions.map((source, index) => compileAt([...path, "conditions", index], source, findings)),
  kinds: issuer.kinds.map(({ when, kind }, index) => ({ kind, when: compileAt([...path, "kinds", index, "when"], when, findings) })),
});

/** The part of a loaded configuration that says who callers are. */
export interface CallerSource extends Pick<Loaded, "places"> {
  readonly config: Pick<Config, "issuers" | "identities">;
}

/**
 * What identifying callers goes by.
 * @throws ConfigError for every condition that cannot be used, by file, line and column.
 */
export const callerSettings = ({ config, places }: CallerSource): IdentitySettings => {
  const findings: Finding[] = [];
  const issuers = config.issuers.map((issuer, index) => issuerSettings(issuer, ["issuers", index], findings));
  if (findings.length > 0) throw refuse(places, findings);
  return { issuers, identities: config.identities };
};
