/** `.proto` files as descriptors. */

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, isAbsolute, join } from "node:path";
import { create } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  DescriptorProtoSchema,
  type EnumDescriptorProto,
  EnumDescriptorProtoSchema,
  type FieldDescriptorProto,
  FieldDescriptorProtoSchema,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FieldDescriptorProto_Label as Label,
  type ServiceDescriptorProto,
  ServiceDescriptorProtoSchema,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt";
import protobuf from "protobufjs";
import { jsonNameOf } from "./descriptor-set.ts";

const scalars: Readonly<Record<string, Type>> = {
  double: Type.DOUBLE,
  float: Type.FLOAT,
  int64: Type.INT64,
  uint64: Type.UINT64,
  int32: Type.INT32,
  fixed64: Type.FIXED64,
  fixed32: Type.FIXED32,
  bool: Type.BOOL,
  string: Type.STRING,
  bytes: Type.BYTES,
  uint32: Type.UINT32,
  sfixed32: Type.SFIXED32,
  sfixed64: Type.SFIXED64,
  sint32: Type.SINT32,
  sint64: Type.SINT64,
};

/** The parser writes full names with a dot in front. */
const bare = (fullName: string): string => fullName.replace(/^\./, "");

const typeOf = (field: protobuf.FieldBase): Pick<FieldDescriptorProto, "type" | "typeName"> => {
  const { type, resolvedType } = field;
  const delimited = field instanceof protobuf.Field && field.delimited;
  if (resolvedType instanceof protobuf.Enum) return { type: Type.ENUM, typeName: resolvedType.fullName };
  if (resolvedType !== null) return { type: delimited ? Type.GROUP : Type.MESSAGE, typeName: resolvedType.fullName };
  return { type: scalars[type] ?? Type.BYTES, typeName: "" };
};

/** An extension stands among its message's fields, under its full name; JSON writes that in brackets. */
const fieldOf = (field: protobuf.FieldBase): FieldDescriptorProto => {
  const name = bare(field.name);
  const json: unknown = field.getOption("json_name");
  const own = typeof json === "string" ? json : jsonNameOf(name);
  return create(FieldDescriptorProtoSchema, {
    name,
    number: field.id,
    label: field.repeated ? Label.REPEATED : Label.OPTIONAL,
    jsonName: field.declaringField === null ? own : `[${name}]`,
    ...typeOf(field),
  });
};

const entryName = (name: string): string => `${name}_entry`;

/** A map is a list of entries, whose type is nested in the message (descriptor.proto, MessageOptions.map_entry). */
const mapOf = (
  field: protobuf.MapField,
  parent: protobuf.Type,
): { readonly field: FieldDescriptorProto; readonly entry: DescriptorProto } => {
  const key = create(FieldDescriptorProtoSchema, {
    name: "key",
    number: 1,
    label: Label.OPTIONAL,
    jsonName: "key",
    type: scalars[field.keyType] ?? Type.STRING,
  });
  const value = create(FieldDescriptorProtoSchema, {
    name: "value",
    number: 2,
    label: Label.OPTIONAL,
    jsonName: "value",
    ...typeOf(field),
  });
  const name = entryName(field.name);
  return {
    field: create(FieldDescriptorProtoSchema, {
      ...fieldOf(field),
      label: Label.REPEATED,
      type: Type.MESSAGE,
      typeName: `${parent.fullName}.${name}`,
    }),
    entry: create(DescriptorProtoSchema, { name, field: [key, value], options: { mapEntry: true } }),
  };
};

const enumOf = (found: protobuf.Enum, name: string): EnumDescriptorProto =>
  create(EnumDescriptorProtoSchema, { name, value: Object.entries(found.values).map(([label, number]) => ({ name: label, number })) });

const messageOf = (type: protobuf.Type, name: string): DescriptorProto => {
  const message = create(DescriptorProtoSchema, { name });
  for (const field of type.fieldsArray) {
    if (field instanceof protobuf.MapField) {
      const { field: list, entry } = mapOf(field, type);
      message.field.push(list);
      message.nestedType.push(entry);
    } else message.field.push(fieldOf(field));
  }
  for (const nested of type.nestedArray) {
    if (nested instanceof protobuf.Type) message.nestedType.push(messageOf(nested, nested.name));
    else if (nested instanceof protobuf.Enum) message.enumType.push(enumOf(nested, nested.name));
  }
  return message;
};

const serviceOf = (service: protobuf.Service): ServiceDescriptorProto =>
  create(ServiceDescriptorProtoSchema, {
    name: bare(service.fullName),
    method: service.methodsArray.map((method) => ({
      name: method.name,
      inputType: method.resolvedRequestType?.fullName ?? "",
      outputType: method.resolvedResponseType?.fullName ?? "",
      clientStreaming: method.requestStream === true,
      serverStreaming: method.responseStream === true,
    })),
  });

/** Everything of a namespace goes into one file under full names: files of one package may import each other in a circle, file descriptors may not. */
const collect = (namespace: protobuf.NamespaceBase, file: FileDescriptorProto): void => {
  for (const found of namespace.nestedArray) {
    if (found instanceof protobuf.Type) file.messageType.push(messageOf(found, bare(found.fullName)));
    else if (found instanceof protobuf.Enum) file.enumType.push(enumOf(found, bare(found.fullName)));
    else if (found instanceof protobuf.Service) file.service.push(serviceOf(found));
    else if (found instanceof protobuf.Namespace) collect(found, file);
  }
};

const packageFolder = dirname(createRequire(import.meta.url).resolve("protobufjs/package.json"));

/** Where the file behind an import is: in the first root that has it, or with the parser's own copies of Google's files. */
const resolveIn =
  (roots: readonly string[]) =>
  (_origin: string, target: string): string => {
    if (isAbsolute(target)) return target;
    const places = [...roots, packageFolder].map((root) => join(root, target));
    return places.find((place) => existsSync(place)) ?? target;
  };

/** Parses `.proto` files with all that they import. Rejects with an Error that says which file or line is at fault. */
export const parseProtoFiles = async (paths: readonly string[], roots: readonly string[]): Promise<readonly FileDescriptorProto[]> => {
  const root = new protobuf.Root();
  root.resolvePath = resolveIn(roots);
  await root.load([...paths], { keepCase: true });
  root.resolveAll();
  const file = create(FileDescriptorProtoSchema, { name: "weir.proto" });
  collect(root, file);
  return [file];
};
