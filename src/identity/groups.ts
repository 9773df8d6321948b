/** The groups a token asserts, in the gateway's own names. */

/** Groups of one token, and characters of one group's name: far above what any directory sends, far below what would hurt. */
const mostGroups = 2_000;
const longestName = 512;

/** Claims that a token cannot be trusted on; the message holds no value of the token. */
export class UnusableClaims extends Error {
  override readonly name = "UnusableClaims";
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The claim of exactly that name (`https://example.com/groups`), else the one at that path (`realm_access.roles`, as Keycloak writes it). */
export const claimAt = (claims: Readonly<Record<string, unknown>>, name: string): unknown => {
  if (Object.hasOwn(claims, name)) return claims[name];
  let value: unknown = claims;
  for (const key of name.split(".")) {
    if (!isRecord(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
};

/**
 * Entra ID leaves groups out of tokens when there are too many, and says so in `_claim_names` or `hasgroups`
 * (https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference). Read as "no groups" a rule that denies a group would not hold.
 */
const leavesOut = (claims: Readonly<Record<string, unknown>>, name: string): boolean =>
  (isRecord(claims._claim_names) && Object.hasOwn(claims._claim_names, name)) || (name === "groups" && claims.hasgroups === true);

const isGroupName = (value: unknown): value is string => typeof value === "string" && value !== "" && value.length <= longestName;

/** The groups as the issuer names them. Throws {@link UnusableClaims} where they are left out or are no names: never a shorter list than meant. */
export const assertedGroups = (claims: Readonly<Record<string, unknown>>, name: string): readonly string[] => {
  if (leavesOut(claims, name)) throw new UnusableClaims("the token leaves its groups out (group overage)");
  const value = claimAt(claims, name);
  if (value === undefined || value === null) return [];
  const groups: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (groups.length > mostGroups) throw new UnusableClaims("the token asserts too many groups");
  if (!groups.every(isGroupName)) throw new UnusableClaims("the groups claim is not a list of names");
  return groups;
};

/** The bare name where the issuer may assert it, else `ISSUER/GROUP`: one issuer cannot speak for another's groups. */
export const groupsOf = (issuer: string, mayAssert: ReadonlySet<string>, asserted: readonly string[]): readonly string[] => [
  ...new Set(asserted.map((group) => (mayAssert.has(group) ? group : `${issuer}/${group}`))),
];
