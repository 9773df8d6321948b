/** Descriptors of any source made into a registry. */

import { create, createFileRegistry, type Registry } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  type FieldDescriptorProto,
  type FileDescriptorProto,
  FileDescriptorSetSchema,
  file_google_protobuf_any,
  file_google_protobuf_api,
  file_google_protobuf_duration,
  file_google_protobuf_empty,
  file_google_protobuf_field_mask,
  file_google_protobuf_source_context,
  file_google_protobuf_struct,
  file_google_protobuf_timestamp,
  file_google_protobuf_type,
  file_google_protobuf_wrappers,
} from "@bufbuild/protobuf/wkt";

/** Files that compilers bring along, for sets made without them. */
const wellKnown: ReadonlyMap<string, FileDescriptorProto> = new Map(
  [
    file_google_protobuf_any,
    file_google_protobuf_api,
    file_google_protobuf_duration,
    file_google_protobuf_empty,
    file_google_protobuf_field_mask,
    file_google_protobuf_source_context,
    file_google_protobuf_struct,
    file_google_protobuf_timestamp,
    file_google_protobuf_type,
    file_google_protobuf_wrappers,
  ].map(({ proto }) => [proto.name, proto]),
);

/** A field's name in JSON, as protoc makes it: letters behind underscores become capitals, and the underscores go. */
export const jsonNameOf = (name: string): string => name.replace(/_+(.?)/g, (_, letter: string) => letter.toUpperCase());

const nameFields = (fields: readonly FieldDescriptorProto[]): void => {
  for (const field of fields) if (field.jsonName === "") field.jsonName = jsonNameOf(field.name);
};

/** Descriptors that Python's runtime hands out lack JSON names. */
const fillIn = (message: DescriptorProto): void => {
  nameFields(message.field);
  nameFields(message.extension);
  for (const nested of message.nestedType) fillIn(nested);
};

/** Files in an order in which each stands behind those that it imports. Throws an Error that names a missing one. */
const inOrder = (files: readonly FileDescriptorProto[]): readonly FileDescriptorProto[] => {
  const known = new Map(files.map((file) => [file.name, file]));
  const ordered = new Map<string, FileDescriptorProto>();
  const visit = (name: string, from: string): void => {
    if (ordered.has(name)) return;
    const file = known.get(name) ?? wellKnown.get(name);
    if (file === undefined) throw new Error(`${from} imports ${name}, which is not among the descriptors`);
    // What imports in a circle is met again while it is visited: it is left out here, and its types are then not found.
    known.delete(name);
    for (const dependency of file.dependency) if (known.has(dependency) || !ordered.has(dependency)) visit(dependency, name);
    ordered.set(name, file);
  };
  for (const { name } of files) visit(name, name);
  return [...ordered.values()];
};

/** A registry of these files. Throws an Error that says in plain words what is wrong with them. */
export const registryOf = (files: readonly FileDescriptorProto[]): Registry => {
  for (const file of files) {
    nameFields(file.extension);
    for (const message of file.messageType) fillIn(message);
  }
  return createFileRegistry(create(FileDescriptorSetSchema, { file: [...inOrder(files)] }));
};
