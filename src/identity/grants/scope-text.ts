/** Scopes as RFC 6749 section 3.3 writes them: words between spaces. Ours are `connection:NAME`, `model:GLOB` and `operation:NAME`. */

import type { Scope } from "../../envelope/scope.ts";

/** Words of one scope, and characters of all of them. */
const mostWords = 64;
const longestScope = 4_096;

/** RFC 6749 appendix A.4: printable ASCII without space, quote and backslash. */
const wordForm = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

const kinds = { connection: "connections", model: "models", operation: "operations" } as const;
type Kind = keyof typeof kinds;

const isKind = (text: string): text is Kind => Object.hasOwn(kinds, text);

/** A scope that is no scope of ours; the message may be shown to whoever sent it. */
export class ScopeError extends Error {
  override readonly name = "ScopeError";
}

/** Everything that policies allow. */
export const fullScope: Scope = { connections: undefined, models: undefined, operations: undefined };

/** Reads a scope; the empty one is {@link fullScope}. Throws {@link ScopeError}. */
export const parseScope = (text: string): Scope => {
  if (text.length > longestScope) throw new ScopeError("The scope is too long.");
  const words = text.split(" ").filter((word) => word !== "");
  if (words.length > mostWords) throw new ScopeError("The scope has too many words.");
  const found: Record<Kind, string[]> = { connection: [], model: [], operation: [] };
  for (const word of words) {
    const colon = word.indexOf(":");
    const kind = word.slice(0, Math.max(0, colon));
    const name = word.slice(colon + 1);
    if (!wordForm.test(word) || !isKind(kind) || name === "")
      throw new ScopeError("A scope is made of connection:NAME, model:GLOB and operation:NAME.");
    if (!found[kind].includes(name)) found[kind].push(name);
  }
  const part = (kind: Kind): readonly string[] | undefined => (found[kind].length === 0 ? undefined : found[kind]);
  return { connections: part("connection"), models: part("model"), operations: part("operation") };
};

/** Writes a scope, in a fixed order. */
export const formatScope = (scope: Scope): string =>
  (Object.keys(kinds) as Kind[]).flatMap((kind) => (scope[kinds[kind]] ?? []).map((name) => `${kind}:${name}`)).join(" ");

const narrowed = (
  wanted: readonly string[] | undefined,
  held: readonly string[] | undefined,
  covers: (held: string, wanted: string) => boolean,
): readonly string[] | undefined => {
  if (wanted === undefined) return held;
  if (held !== undefined && !wanted.every((each) => held.some((own) => covers(own, each))))
    throw new ScopeError("A token cannot be exchanged for one that is good for more.");
  return wanted;
};

const same = (held: string, wanted: string): boolean => held === wanted;

/**
 * Whether a glob covers another: every name that the second fits, the first fits. Exact where either has no star, or one at its end; of others only equal
 * ones, so that a doubt never widens.
 */
const globCovers = (held: string, wanted: string): boolean => {
  if (held === wanted) return true;
  const star = held.indexOf("*");
  if (star !== held.length - 1) return false;
  return wanted.startsWith(held.slice(0, -1));
};

/** The scope asked for, out of a token that has `held`. Throws {@link ScopeError} where it asks for more. */
export const narrow = (held: Scope, wanted: Scope): Scope => ({
  connections: narrowed(wanted.connections, held.connections, same),
  models: narrowed(wanted.models, held.models, globCovers),
  operations: narrowed(wanted.operations, held.operations, same),
});
