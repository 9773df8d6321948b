/** Objects as people see them: those of the file beside those of the database. INVARIANT: holds no secret. */

import type { ObjectKind, PlainMap, StoredObject } from "./object.ts";

/** An object of the gateway's own file. */
export interface FileObject {
  readonly kind: ObjectKind;
  readonly name: string;
  readonly document: PlainMap;
  /** In lower case; undefined where it has none. */
  readonly credentialHeader: string | undefined;
  readonly revision: string;
}

/** An object with where it comes from; `declared` is undefined for what a file declares. */
export interface ShownObject extends FileObject {
  readonly declared: { readonly at: Date; readonly by: string } | undefined;
}

const ofDatabase = ({ kind, name, document, credential, revision, updatedAt, updatedBy }: StoredObject): ShownObject => ({
  ...{ kind, name, document, revision },
  credentialHeader: credential?.header,
  declared: { at: updatedAt, by: updatedBy },
});

const byName = (a: ShownObject, b: ShownObject): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

/** All objects of a kind, by name. */
export const shownObjects = (kind: ObjectKind, file: readonly FileObject[], stored: readonly StoredObject[]): readonly ShownObject[] =>
  [...file.map((object): ShownObject => ({ ...object, declared: undefined })), ...stored.map(ofDatabase)]
    .filter((object) => object.kind === kind)
    .sort(byName);
