/** Objects of the configuration that may stand in the file or in the database, as they were written. */

import type { Loaded } from "./load.ts";
import { revisionOf } from "./revision.ts";

/** What can be declared beside the file. */
export type ObjectKind = "connection" | "policy" | "issuer";

/** The kinds, in the order in which a configuration reads best. */
export const objectKinds = ["connection", "policy", "issuer"] as const satisfies readonly ObjectKind[];

/** The section of the file where objects of a kind stand. */
export const sectionOf = { connection: "connections", policy: "policies", issuer: "issuers" } as const satisfies Record<ObjectKind, string>;

/** Plain values: maps, lists, strings, numbers, booleans and null. */
export type PlainMap = Readonly<Record<string, unknown>>;

/** An object of the file. INVARIANT: holds no secret, and no reference to one. */
export interface FileObject {
  readonly kind: ObjectKind;
  readonly name: string;
  /** As it was written, without `name` and, of a connection, without `credential`. */
  readonly document: PlainMap;
  /** In lower case; undefined where it has none. */
  readonly credentialHeader: string | undefined;
  readonly revision: string;
}

export const isMap = (value: unknown): value is PlainMap => typeof value === "object" && value !== null && !Array.isArray(value);

const entriesOf = ({ read }: Loaded, kind: ObjectKind): readonly PlainMap[] => {
  const file = read.source.value;
  const section = isMap(file) ? file[sectionOf[kind]] : undefined;
  return Array.isArray(section) ? section.filter(isMap) : [];
};

const objectOf = (kind: ObjectKind, { config }: Loaded, { name, credential, ...document }: PlainMap): FileObject => {
  const connection = kind === "connection" ? config.connections.find((each) => each.name === name) : undefined;
  const credentialHeader = connection?.credential?.header;
  return { kind, name: String(name), document, credentialHeader, revision: connection?.revision ?? revisionOf(document) };
};

/** What the file of a configuration declares, as it was written. */
export const fileObjects = (loaded: Loaded): readonly FileObject[] =>
  objectKinds.flatMap((kind) => entriesOf(loaded, kind).map((entry) => objectOf(kind, loaded, entry)));
