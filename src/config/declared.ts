/** Objects of the configuration that the database declares: read by the schema of the file, and by what only a file may hold. */

import { documentFindings } from "./check/declared.ts";
import { type ObjectKind, objectKinds, type PlainMap, sectionOf } from "./documents.ts";
import { findingsOf, type ShapeOfKeys } from "./findings.ts";
import { publishSchema } from "./json-schema.ts";
import type { Finding, Path } from "./problem.ts";
import { declaredSchema, type Parsed } from "./schema/index.ts";
import type { Secret } from "./secret.ts";

/** An object that the database declares. */
export interface DeclaredObject {
  readonly kind: ObjectKind;
  readonly name: string;
  /** As in the file, without `name` and, of a connection, without `credential`. */
  readonly document: PlainMap;
  readonly credential: { readonly header: string; readonly value: Secret } | undefined;
}

/** The sections of a file that objects of the database stand in as well. */
export type DeclaredSections = Pick<Parsed, (typeof sectionOf)[ObjectKind]>;

/** What stands beside the document, and would be told twice if it stood there as well. */
const besides: Readonly<Record<ObjectKind, readonly string[]>> = { connection: ["name", "credential"], policy: ["name"], issuer: ["name"] };

/** As it would stand in a file, its secrets themselves where a file has references. */
const entryOf = ({ name, document, credential }: DeclaredObject): PlainMap => ({
  ...document,
  name,
  ...(credential === undefined ? {} : { credential: { header: credential.header, value: credential.value.reveal() } }),
});

const misplaced = ({ kind, document }: DeclaredObject): readonly Finding[] =>
  besides[kind].flatMap((key) =>
    Object.hasOwn(document, key) ? [{ path: [key], message: "is told beside the document, not in it" }] : [],
  );

const shapeOfFile = (): ShapeOfKeys => {
  const isShape = (schema: object): schema is ShapeOfKeys => "properties" in schema;
  const schema = publishSchema();
  return isShape(schema) ? schema : {};
};

/**
 * Reads objects of the database: their sections, or everything that is wrong with them. Paths begin at a section and count from the first object of the
 * database in it.
 */
export const readDeclared = (
  objects: readonly DeclaredObject[],
): { readonly sections: DeclaredSections } | { readonly findings: readonly Finding[] } => {
  const each = objectKinds.flatMap((kind) => {
    const ofKind = objects.filter((object) => object.kind === kind);
    return ofKind.map((object, index) => ({ object, path: [sectionOf[kind], index] as Path }));
  });
  const entries = (kind: ObjectKind): readonly PlainMap[] => objects.filter((object) => object.kind === kind).map(entryOf);
  const value = { connections: entries("connection"), policies: entries("policy"), issuers: entries("issuer") };
  const { data, error } = declaredSchema.safeParse(value);
  const shape = error === undefined ? [] : findingsOf(error, value, shapeOfFile());
  const documents = each.flatMap(({ object, path }) =>
    [...misplaced(object), ...(error === undefined ? documentFindings(object.document) : [])].map((finding) => ({
      ...finding,
      path: [...path, ...finding.path],
    })),
  );
  const findings = [...shape, ...documents];
  return data === undefined || findings.length > 0 ? { findings } : { sections: data };
};
