/** Random message types, and random messages of them. */

import { create, createFileRegistry, type DescMessage, type FileRegistry, type Message, ScalarType } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect, type ScalarValue } from "@bufbuild/protobuf/reflect";
import {
  AnySchema,
  anyPack,
  DescriptorProtoSchema,
  type FieldDescriptorProto,
  FieldDescriptorProtoSchema,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  file_google_protobuf_any,
  file_google_protobuf_struct,
  file_google_protobuf_wrappers,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt";
import fc from "fast-check";

/** The messages of every generated file: `law.M0` and so on. */
const messages = 3;

/** One field as it is drawn. */
interface DrawnField {
  readonly kind: Kind;
  readonly repeated: boolean;
  /** Distance from the field before it. */
  readonly gap: number;
}

const numbers = [
  Type.INT32,
  Type.INT64,
  Type.UINT32,
  Type.UINT64,
  Type.SINT32,
  Type.SINT64,
  Type.BOOL,
  Type.DOUBLE,
  Type.FLOAT,
  Type.FIXED32,
  Type.FIXED64,
  Type.SFIXED32,
  Type.SFIXED64,
] as const;

type Kind =
  | { readonly is: "scalar"; readonly type: Type }
  | { readonly is: "message"; readonly name: string }
  | { readonly is: "group"; readonly name: string }
  | { readonly is: "map"; readonly key: Type; readonly value: Kind };

const scalar: fc.Arbitrary<Kind> = fc.record({
  is: fc.constant("scalar" as const),
  type: fc.oneof(
    { weight: 4, arbitrary: fc.constant(Type.STRING) },
    { weight: 2, arbitrary: fc.constant(Type.BYTES) },
    fc.constantFrom(...numbers),
  ),
});

const referred = fc.constantFrom(
  "law.M0",
  "law.M1",
  "law.M2",
  "google.protobuf.Struct",
  "google.protobuf.Value",
  "google.protobuf.ListValue",
  "google.protobuf.StringValue",
  "google.protobuf.BytesValue",
  "google.protobuf.Any",
);

const reference: fc.Arbitrary<Kind> = fc.record({ is: fc.constant("message" as const), name: referred });
const group: fc.Arbitrary<Kind> = fc.record({ is: fc.constant("group" as const), name: fc.constantFrom("law.M1", "law.M2") });
const map: fc.Arbitrary<Kind> = fc.record({
  is: fc.constant("map" as const),
  key: fc.constantFrom(Type.STRING, Type.INT32),
  value: fc.oneof(scalar, reference),
});

const field: fc.Arbitrary<DrawnField> = fc.record({
  kind: fc.oneof({ weight: 5, arbitrary: scalar }, { weight: 3, arbitrary: reference }, { weight: 2, arbitrary: map }, group),
  repeated: fc.boolean(),
  gap: fc.integer({ min: 1, max: 200 }),
});

const typed = (kind: Kind, path: string): Pick<FieldDescriptorProto, "type" | "typeName"> => {
  switch (kind.is) {
    case "scalar":
      return { type: kind.type, typeName: "" };
    case "message":
      return { type: Type.MESSAGE, typeName: `.${kind.name}` };
    case "group":
      return { type: Type.GROUP, typeName: `.${kind.name}` };
    case "map":
      return { type: Type.MESSAGE, typeName: path };
  }
};

const messageOf = (index: number, fields: readonly DrawnField[]) => {
  const message = create(DescriptorProtoSchema, { name: `M${index}` });
  let number = 0;
  for (const [order, { kind, repeated, gap }] of fields.entries()) {
    number += gap;
    const name = `the_field${order}`;
    const entry = `Entry${order}`;
    const label = repeated || kind.is === "map" ? Label.REPEATED : Label.OPTIONAL;
    const base = { name, number, label, jsonName: `theField${order}` };
    message.field.push(create(FieldDescriptorProtoSchema, { ...base, ...typed(kind, `.law.M${index}.${entry}`) }));
    if (kind.is !== "map") continue;
    const key = create(FieldDescriptorProtoSchema, { name: "key", number: 1, label: Label.OPTIONAL, jsonName: "key", type: kind.key });
    const value = create(FieldDescriptorProtoSchema, {
      name: "value",
      number: 2,
      label: Label.OPTIONAL,
      jsonName: "value",
      ...typed(kind.value, ""),
    });
    message.nestedType.push(create(DescriptorProtoSchema, { name: entry, field: [key, value], options: { mapEntry: true } }));
  }
  return message;
};

const wellKnown = [file_google_protobuf_struct, file_google_protobuf_wrappers, file_google_protobuf_any].map(({ proto }) => proto);

const registryOf = (drawn: readonly (readonly DrawnField[])[]): FileRegistry => {
  const file = create(FileDescriptorProtoSchema, {
    name: "law.proto",
    package: "law",
    syntax: "proto2",
    dependency: wellKnown.map(({ name }) => name),
    messageType: drawn.map((fields, index) => messageOf(index, fields)),
  });
  return createFileRegistry(create(FileDescriptorSetSchema, { file: [...wellKnown, file] }));
};

/** Texts of every width in UTF-8, without lone surrogates. */
const text = fc.string({ unit: "grapheme", maxLength: 12 });

const scalarValue = (type: ScalarType): fc.Arbitrary<ScalarValue> => {
  switch (type) {
    case ScalarType.STRING:
      return text;
    case ScalarType.BYTES:
      return fc.oneof(
        text.map((written) => new Uint8Array(Buffer.from(written))),
        fc.uint8Array({ maxLength: 8 }),
      );
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.DOUBLE:
      return fc.double({ noNaN: true });
    case ScalarType.FLOAT:
      return fc.float({ noNaN: true });
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return fc.integer({ min: 0, max: 2 ** 32 - 1 });
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  }
};

/** Draws messages; `gen` gives the values that one property run asks for, one after the other. */
class Drawing {
  readonly #gen: fc.GeneratorValue;
  readonly #registry: FileRegistry;

  constructor(gen: fc.GeneratorValue, registry: FileRegistry) {
    this.#gen = gen;
    this.#registry = registry;
  }

  message(descriptor: DescMessage, depth: number): ReflectMessage {
    if (descriptor.typeName === "google.protobuf.Any") return this.#any(depth);
    const message = reflect(descriptor);
    if (descriptor.typeName === "google.protobuf.Value") {
      const kinds =
        depth > 0 ? ["number_value", "string_value", "bool_value", "struct_value", "list_value"] : ["number_value", "string_value"];
      const drawn = this.#gen(fc.constantFrom, ...kinds);
      const kind = descriptor.fields.find(({ name }) => name === drawn);
      if (kind !== undefined) this.#set(message, kind, depth);
      return message;
    }
    for (const member of descriptor.fields) {
      if (this.#gen(fc.nat, 3) === 0) continue;
      if (depth > 0 || (member.message === undefined && member.fieldKind !== "map")) this.#set(message, member, depth);
    }
    return message;
  }

  #set(message: ReflectMessage, member: DescMessage["fields"][number], depth: number): void {
    const count = this.#gen(fc.nat, 2);
    switch (member.fieldKind) {
      case "scalar":
        message.set(member, this.#scalar(member.scalar, member.parent.typeName));
        break;
      case "message":
        message.set(member, this.message(member.message, depth - 1));
        break;
      case "list":
        for (let index = 0; index < count; index++) {
          if (member.listKind === "scalar") message.get(member).add(this.#scalar(member.scalar));
          if (member.listKind === "message") message.get(member).add(this.message(member.message, depth - 1));
        }
        break;
      case "map":
        for (let index = 0; index < count; index++) {
          const value =
            member.mapKind === "message"
              ? this.message(member.message, depth - 1)
              : member.mapKind === "scalar"
                ? this.#scalar(member.scalar)
                : 0;
          message.get(member).set(this.#key(member.mapKey), value);
        }
        break;
      case "enum":
        message.set(member, 0);
        break;
    }
  }

  #scalar(type: ScalarType, parent = ""): ScalarValue {
    // JSON has no other numbers.
    if (parent === "google.protobuf.Value" && type === ScalarType.DOUBLE)
      return this.#gen(fc.double, { noNaN: true, noDefaultInfinity: true });
    return this.#gen(scalarValue, type);
  }

  #key(type: ScalarType): string | number {
    return type === ScalarType.STRING ? this.#gen(() => text) : this.#gen(fc.nat);
  }

  #any(depth: number): ReflectMessage {
    const inner = this.#registry.getMessage(`law.M${this.#gen(fc.nat, messages - 1)}`);
    const any = create(AnySchema);
    if (inner !== undefined) anyPack(inner, this.message(inner, Math.max(0, depth - 1)).message, any);
    return reflect(AnySchema, any);
  }
}

/** A message with its type and all types around it. */
export interface GeneratedMessage {
  readonly registry: FileRegistry;
  readonly descriptor: DescMessage;
  readonly message: Message;
}

const types = fc.array(fc.array(field, { minLength: 1, maxLength: 8 }), { minLength: messages, maxLength: messages }).map(registryOf);

/** A counterexample in few words. */
const shown = (registry: FileRegistry, message: Message): string => {
  const fields = Array.from({ length: messages }, (_, index) =>
    registry.getMessage(`law.M${index}`)?.fields.map(({ proto }) => [proto.number, proto.type, proto.label, proto.typeName]),
  );
  const value = JSON.stringify(message, (_key, part: unknown) => (typeof part === "bigint" ? String(part) : part));
  return `${JSON.stringify(fields)} ${value}`;
};

/** Random messages of random types. */
export const generatedMessages: fc.Arbitrary<GeneratedMessage> = fc.tuple(types, fc.gen()).map(([registry, gen]) => {
  const descriptor = registry.getMessage("law.M0");
  if (descriptor === undefined) throw new Error("a generated file has no messages");
  const { message } = new Drawing(gen, registry).message(descriptor, 3);
  return { registry, descriptor, message, [fc.toStringMethod]: () => shown(registry, message) };
});
