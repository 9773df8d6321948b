/** What a caller's token is good for. It narrows what policies allow: connections outside it look like what does not exist, the rest is denied. */

import { compileGlobs } from "../../policy/rules/glob.ts";
import type { Principal } from "../envelope/call.ts";
import { GatewayError } from "../envelope/error.ts";
import type { Scope } from "../envelope/scope.ts";

/** Compiled globs of scopes: one principal object serves many calls. */
const compiled = new WeakMap<Scope, (model: string) => boolean>();

const fitsModel = (scope: Scope): ((model: string) => boolean) => {
  let fits = compiled.get(scope);
  if (fits === undefined) {
    fits = compileGlobs(scope.models ?? ["*"]);
    compiled.set(scope, fits);
  }
  return fits;
};

/** Whether a caller's token is good for a connection at all. */
export const scopeReaches = ({ grant }: Principal, connection: string): boolean =>
  grant?.scope.connections === undefined || grant.scope.connections.includes(connection);

/** Whether a caller's token is good for a model; a call that names none is not good under a scope of models. */
export const scopeHasModel = ({ grant }: Principal, model: string | undefined): boolean =>
  grant?.scope.models === undefined || (model !== undefined && fitsModel(grant.scope)(model));

/** What a scope limits besides the connection. */
export interface ScopedCall {
  readonly model: string | undefined;
  readonly operation: string;
  /** A list is not of one model: it is cut to the models of the scope. */
  readonly lists: boolean;
}

/** Throws `access_denied` for a model or an operation that the caller's token is not good for. */
export const checkScope = (principal: Principal, { model, operation, lists }: ScopedCall): void => {
  const { grant } = principal;
  if (grant === undefined) return;
  const { operations } = grant.scope;
  const note = "outside the token's scope";
  if (operations !== undefined && !operations.includes(operation)) throw new GatewayError("access_denied", undefined, { note });
  if (!lists && !scopeHasModel(principal, model)) throw new GatewayError("access_denied", undefined, { note });
};
