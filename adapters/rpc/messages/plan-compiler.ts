/** Compiles descriptors into the scanner's tables. */

import type { DescExtension, DescField, DescMessage, Registry } from "@bufbuild/protobuf";
import { ScalarType } from "@bufbuild/protobuf";
import { type FieldPlan, type FieldShape, type MessageForm, type MessagePlan, type PlanOf, wireTypes } from "./plan.ts";
import { roleOf } from "./roles.ts";
import { tensorForms, tensorShapes } from "./tensor-places.ts";

/** Numbers below this are looked up in an array, others in a map. */
const nearNumbers = 256;

type Field = DescField | DescExtension;

/** A plan while it is made: messages may contain themselves. */
interface Draft extends MessagePlan {
  readonly near: (FieldPlan | undefined)[];
  readonly far: Map<number, FieldPlan>;
  readonly byName: Map<string, FieldPlan>;
  tensors: FieldPlan | undefined;
}

/** Messages whose JSON form leaves a level out (protobuf.dev, "ProtoJSON format"); and those that JSON writes as one string. */
const wrapper = /^google\.protobuf\.(?:Double|Float|Int64|UInt64|Int32|UInt32|Bool|String|Bytes)Value$/;
const transparentTypes = new Set(["google.protobuf.Struct", "google.protobuf.Value", "google.protobuf.ListValue"]);
const textTypes = new Set(["google.protobuf.Timestamp", "google.protobuf.Duration", "google.protobuf.FieldMask"]);

const formOf = ({ typeName }: DescMessage): MessageForm => {
  if (typeName === "google.protobuf.Any") return "any";
  if (transparentTypes.has(typeName) || wrapper.test(typeName)) return "json";
  return textTypes.has(typeName) ? "wkt-text" : (tensorForms[typeName] ?? "plain");
};

const scalarWires: Readonly<Record<ScalarType, number>> = {
  [ScalarType.DOUBLE]: wireTypes.fixed64,
  [ScalarType.FLOAT]: wireTypes.fixed32,
  [ScalarType.INT64]: wireTypes.varint,
  [ScalarType.UINT64]: wireTypes.varint,
  [ScalarType.INT32]: wireTypes.varint,
  [ScalarType.FIXED64]: wireTypes.fixed64,
  [ScalarType.FIXED32]: wireTypes.fixed32,
  [ScalarType.BOOL]: wireTypes.varint,
  [ScalarType.STRING]: wireTypes.delimited,
  [ScalarType.BYTES]: wireTypes.delimited,
  [ScalarType.UINT32]: wireTypes.varint,
  [ScalarType.SFIXED32]: wireTypes.fixed32,
  [ScalarType.SFIXED64]: wireTypes.fixed64,
  [ScalarType.SINT32]: wireTypes.varint,
  [ScalarType.SINT64]: wireTypes.varint,
};

const longs: ReadonlySet<ScalarType | undefined> = new Set([
  ScalarType.INT64,
  ScalarType.UINT64,
  ScalarType.FIXED64,
  ScalarType.SFIXED64,
  ScalarType.SINT64,
]);

const shapeOfScalar = (scalar: ScalarType): FieldShape =>
  scalar === ScalarType.STRING ? "text" : scalar === ScalarType.BYTES ? "bytes" : "number";

/** Makes plans, each once. `joined`: full names of fields whose values over a stream spell one text. */
export class PlanCompiler {
  readonly #registry: Registry;
  readonly #joined: ReadonlySet<string>;
  readonly #plans = new Map<DescMessage, MessagePlan>();
  readonly #extensions = new Map<string, DescExtension[]>();

  constructor(registry: Registry, joined: ReadonlySet<string>) {
    this.#registry = registry;
    this.#joined = joined;
    for (const type of registry) {
      if (type.kind !== "extension") continue;
      const known = this.#extensions.get(type.extendee.typeName);
      if (known === undefined) this.#extensions.set(type.extendee.typeName, [type]);
      else known.push(type);
    }
  }

  /** The plan of a type by its full name. */
  readonly planOf: PlanOf = (typeName) => {
    const message = this.#registry.getMessage(typeName);
    return message === undefined ? undefined : this.plan(message);
  };

  plan(message: DescMessage): MessagePlan {
    const known = this.#plans.get(message);
    if (known !== undefined) return known;
    const draft: Draft = {
      typeName: message.typeName,
      form: formOf(message),
      near: [],
      far: new Map(),
      byName: new Map(),
      tensors: undefined,
    };
    this.#plans.set(message, draft);
    const fields: Field[] = [...message.fields, ...(this.#extensions.get(message.typeName) ?? [])];
    for (const [order, field] of fields.entries()) this.#add(draft, this.#field(field, order, message), field);
    return draft;
  }

  #add(draft: Draft, plan: FieldPlan, field: Field): void {
    if (plan.number < nearNumbers) draft.near[plan.number] = plan;
    else draft.far.set(plan.number, plan);
    draft.byName.set(plan.name, plan);
    if (plan.shape === "tensor") draft.tensors = plan;
    if (field.kind === "field") draft.byName.set(field.name, plan);
  }

  #field(field: Field, order: number, parent: DescMessage): FieldPlan {
    const fullName = `${parent.typeName}.${field.name}`;
    const shape = shapeOf(field, fullName);
    return {
      number: field.number,
      name: fullName === "google.protobuf.Any.type_url" ? "@type" : field.jsonName,
      shape,
      wire: wireOf(field, shape),
      repeated: field.fieldKind === "list",
      order,
      transparent: formOf(parent) === "json" || shape === "any-value",
      joined: field.kind === "field" && this.#joined.has(fullName),
      role: field.kind === "field" ? roleOf(field) : undefined,
      message: field.fieldKind === "map" ? this.#entry(field, fullName) : field.message && this.plan(field.message),
      long: longs.has(field.scalar),
      words: field.enum && new Set(field.enum.values.map(({ name }) => name)),
    };
  }

  /** A map is a list of messages with the key in field 1 and the value in field 2. */
  #entry(field: Extract<Field, { fieldKind: "map" }>, fullName: string): MessagePlan {
    const draft: Draft = { typeName: `${fullName}.entry`, form: "plain", near: [], far: new Map(), byName: new Map(), tensors: undefined };
    const rest = { repeated: false, transparent: true, joined: false, role: undefined, words: undefined };
    const key: FieldShape = field.mapKey === ScalarType.STRING ? "map-key" : "number";
    draft.near[1] = {
      ...rest,
      number: 1,
      name: "key",
      order: 0,
      shape: key,
      wire: scalarWires[field.mapKey],
      message: undefined,
      long: longs.has(field.mapKey),
    };
    const shape = field.mapKind === "message" ? "message" : field.mapKind === "enum" ? "number" : shapeOfScalar(field.scalar);
    draft.near[2] = {
      ...rest,
      number: 2,
      name: "value",
      order: 1,
      shape,
      wire: field.mapKind === "scalar" ? scalarWires[field.scalar] : field.mapKind === "enum" ? wireTypes.varint : wireTypes.delimited,
      message: field.message && this.plan(field.message),
      long: longs.has(field.scalar),
      words: field.enum && new Set(field.enum.values.map(({ name }) => name)),
    };
    return draft;
  }
}

const isGroup = (field: Field): boolean =>
  (field.fieldKind === "message" || (field.fieldKind === "list" && field.listKind === "message")) && field.delimitedEncoding;

const shapeOf = (field: Field, fullName: string): FieldShape => {
  if (fullName === "google.protobuf.Value.number_value") return "value-number";
  if (fullName === "google.protobuf.Any.value") return "any-value";
  const tensor = tensorShapes[fullName];
  if (tensor !== undefined && (tensor === "tensor" ? field.message !== undefined : field.scalar === ScalarType.BYTES)) return tensor;
  if (field.fieldKind === "map") return "map";
  if (field.message !== undefined) return isGroup(field) ? "group" : "message";
  return field.scalar === undefined ? "number" : shapeOfScalar(field.scalar);
};

const wireOf = (field: Field, shape: FieldShape): number => {
  if (shape === "group") return wireTypes.groupStart;
  if (field.message !== undefined || field.fieldKind === "map") return wireTypes.delimited;
  return field.scalar === undefined ? wireTypes.varint : scalarWires[field.scalar];
};
