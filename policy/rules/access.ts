/** Access: whether one policy's `match` fits a call. */

import type { Operation, Principal } from "../../src/envelope/call.ts";
import type { Facts } from "../decision.ts";
import type { PolicyMatch } from "../document.ts";
import { compileGlobs } from "./glob.ts";

/** The name under which a policy must name callers without a credential. */
export const anonymousIdentity = "anonymous";

/** Listing models is allowed wherever the caller may use some model: the list then holds just those. */
export const listingOperation = "models.list";

/** One policy's match, compiled. */
export interface AccessRule {
  fits(facts: Facts): boolean;
  /** Whether the rule fits this caller on this connection for some inference operation and, where one is given, this model. */
  reaches(principal: Principal, connection: string, model?: string): boolean;
}

const includesSome = (wanted: ReadonlySet<string>, groups: readonly string[]): boolean => groups.some((group) => wanted.has(group));

/** Matches identities by configured name or subject, and groups; both must fit where both are given. */
const compileWho = ({ groups, identities }: PolicyMatch): ((principal: Principal) => boolean) => {
  const wantedGroups = groups === undefined ? undefined : new Set(groups);
  const wantedNames = identities === undefined ? undefined : new Set(identities);
  return (principal) => {
    if (principal.kind === "anonymous") return wantedNames?.has(anonymousIdentity) === true && wantedGroups === undefined;
    if (wantedNames !== undefined && !wantedNames.has(principal.name) && !wantedNames.has(principal.subject)) return false;
    return wantedGroups === undefined || includesSome(wantedGroups, principal.groups);
  };
};

const compileModels = (models: readonly string[] | undefined): ((model: string | undefined) => boolean) => {
  if (models === undefined) return () => true;
  const fits = compileGlobs(models);
  return (model) => model !== undefined && fits(model);
};

/** Absent `operations` means every inference operation and none of the features that need their exact name. */
const compileOperations = (operations: readonly string[] | undefined): ((operation: Operation, features: readonly string[]) => boolean) => {
  if (operations === undefined) return (operation, features) => operation.class === "inference" && features.length === 0;
  const named = new Set(operations);
  return (operation, features) => named.has(operation.name) && features.every((feature) => named.has(feature));
};

/** Compiles a match. Names of operations are compared exactly; a subject named `anonymous` cannot pose as the anonymous identity, nor the other way round. */
export const compileAccess = (match: PolicyMatch): AccessRule => {
  const who = compileWho(match);
  const connections = match.connections === undefined ? undefined : new Set(match.connections);
  const models = compileModels(match.models);
  const operations = compileOperations(match.operations);
  const where = (connection: string) => connections === undefined || connections.has(connection);
  return {
    fits: ({ principal, connection, model, operation, features }) => {
      if (!where(connection) || !who(principal)) return false;
      if (operation.name === listingOperation) return true;
      return operations(operation, features) && models(model);
    },
    reaches: (principal, connection, model) => where(connection) && who(principal) && (model === undefined || models(model)),
  };
};
