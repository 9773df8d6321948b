/** Access: whether one policy's `match` fits a call. */

import type { Operation, Principal } from "../../src/envelope/call.ts";
import type { PolicyDocument, PolicyMatch } from "../document.ts";
import { compileGlobs } from "./glob.ts";

/** The name under which a policy must name callers without a credential. */
const anonymousIdentity = "anonymous";

/** Listing models is allowed wherever the caller may use some model: the list then holds just those. */
export const listingOperation = "models.list";

/** What a call does, as far as a policy's `match` asks. */
export interface Doing {
  readonly operation: Operation;
  readonly model: string | undefined;
}

/** One policy's match, compiled. */
export interface AccessRule {
  /** Whether the rule is about this caller on this connection. */
  concerns(principal: Principal, connection: string): boolean;
  /** Whether it fits what such a call does, its features aside. */
  fits(doing: Doing): boolean;
  /** Whether it fits by its own operations and models, and not only because a list is cut to them. */
  covers(doing: Doing): boolean;
  /** Whether it names the feature, for what such a call does with this model. */
  names(feature: string, model: string | undefined): boolean;
  /** Whether it fits the model for some inference operation. */
  fitsModel(model: string): boolean;
}

/**
 * How a policy may write a caller. A name with a slash is always ISSUER/SUBJECT: a subject that looks like another issuer's gains nothing by it.
 * INVARIANT: `principal.name` is never the name of a configured identity that the principal is not (src/identity sees to it).
 */
export const writtenNames = (principal: Principal): readonly string[] => {
  if (principal.kind === "anonymous") return [anonymousIdentity];
  const full = `${principal.issuer}/${principal.subject}`;
  return principal.name.includes("/") || principal.name === anonymousIdentity ? [full] : [principal.name, full];
};

const setOf = (values: readonly string[] | undefined): ReadonlySet<string> | undefined =>
  values === undefined ? undefined : new Set(values);

/** Matches identities, groups and kinds; all must fit that are given. Who has no credential is matched by that name and nothing else. */
export const compileWho = (match: PolicyMatch): ((principal: Principal) => boolean) => {
  const groups = setOf(match.groups);
  const identities = setOf(match.identities);
  const kinds = match.kinds === undefined ? undefined : new Set<Principal["kind"]>(match.kinds);
  return (principal) => {
    if (kinds !== undefined && !kinds.has(principal.kind)) return false;
    if (identities === undefined ? principal.kind === "anonymous" : !writtenNames(principal).some((name) => identities.has(name)))
      return false;
    return groups === undefined || principal.groups.some((group) => groups.has(group));
  };
};

/**
 * Compiles a policy's match. An allow fits a list of models whatever models and operations it is about, since the list is cut to those; a deny fits it
 * only when it is about every model and operation or names the listing. Of a call without a model no rule about models can say that it fits.
 */
export const compileAccess = ({ match, effect }: Pick<PolicyDocument, "match" | "effect">): AccessRule => {
  const who = compileWho(match);
  const connections = setOf(match.connections);
  const operations = setOf(match.operations);
  const isModel = match.models === undefined ? undefined : compileGlobs(match.models);
  const fitsModel = (model: string | undefined): boolean => isModel === undefined || (model !== undefined && isModel(model));
  const coversOperation = (operation: Operation): boolean =>
    operations === undefined ? operation.class === "inference" : operations.has(operation.name);
  const covers = ({ operation, model }: Doing): boolean => coversOperation(operation) && fitsModel(model);
  return {
    concerns: (principal, connection) => (connections === undefined || connections.has(connection)) && who(principal),
    fits: (doing) => (effect === "allow" && doing.operation.name === listingOperation) || covers(doing),
    covers,
    names: (feature, model) => operations?.has(feature) === true && fitsModel(model),
    fitsModel,
  };
};
