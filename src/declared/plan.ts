/** What becomes of the objects that there are when somebody wants others. */

import { createHash, timingSafeEqual } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { type Credential, originOf, type PlainMap, type StoredObject, sameObject, type Wish } from "./object.ts";

/** An object with its credential in the clear. */
export interface OpenObject extends Omit<StoredObject, "credential"> {
  readonly credential: Credential | undefined;
}

/** What becomes of a connection's credential; `none`: it has none, before and after. */
export type CredentialChange = "none" | "kept" | "set" | "cleared";

/** What becomes of an object. */
export type Change =
  | {
      readonly action: "create" | "update" | "unchanged";
      readonly before: OpenObject | undefined;
      /** As it will be; its credential in the clear. */
      readonly after: Wish;
      readonly credential: CredentialChange;
    }
  | { readonly action: "delete"; readonly before: OpenObject };

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** In constant time: whoever may declare may still not guess. */
const sameCredential = (a: Credential, b: Credential): boolean =>
  a.header === b.header && timingSafeEqual(digest(a.value), digest(b.value));

const credentialChange = (before: OpenObject | undefined, { document, credential: given }: Wish): CredentialChange => {
  const had = before?.credential;
  if (given === undefined) return had === undefined ? "none" : originOf(before?.document ?? {}) === originOf(document) ? "kept" : "cleared";
  const stays = had !== undefined && originOf(before?.document ?? {}) === originOf(document) && sameCredential(had, given);
  return stays ? "kept" : "set";
};

const sameDocument = (a: PlainMap, b: PlainMap): boolean => isDeepStrictEqual(plain(a), plain(b));

/** Without prototypes, which `isDeepStrictEqual` compares as well. */
const plain = (document: PlainMap): unknown => JSON.parse(JSON.stringify(document));

const changeOf = (before: OpenObject | undefined, wish: Wish): Change => {
  const credential = credentialChange(before, wish);
  const after: Wish = { ...wish, credential: credential === "kept" ? before?.credential : wish.credential };
  if (before === undefined) return { action: "create", before, after, credential };
  const same = sameDocument(before.document, wish.document) && (credential === "none" || credential === "kept");
  return { action: same ? "unchanged" : "update", before, after, credential };
};

/** A change for each wish, in their order; then, where `prune` is set, deletions of all objects that nobody wished for. */
export const planChanges = (objects: readonly OpenObject[], wishes: readonly Wish[], prune: boolean): readonly Change[] => {
  const changes = wishes.map((wish) => changeOf(objects.find(sameObject(wish)), wish));
  const unwanted = prune ? objects.filter((object) => !wishes.some(sameObject(object))) : [];
  return [...changes, ...unwanted.map((before): Change => ({ action: "delete", before }))];
};

/** All objects as they will be. */
export const outcomeOf = (objects: readonly OpenObject[], changes: readonly Change[]): readonly Wish[] => {
  const changed = changes.map((change) => (change.action === "delete" ? change.before : change.after));
  const untouched = objects.filter((object) => !changed.some(sameObject(object)));
  return [...untouched, ...changes.flatMap((change) => (change.action === "delete" ? [] : [change.after]))];
};
