/** Message descriptors as the scanner reads them: small tables by field number, made once for each connection. */

/**
 * What stands in a field, as far as text goes.
 *
 * `any-value` is the message inside a google.protobuf.Any; `value-number` the number of a google.protobuf.Value, which can become a string. The others beyond
 * protobuf's own kinds are places where text tensors keep their strings (tensor-places.ts): `tensor` and `raw-tensor` are the two lists of KServe's messages, `element` an element inside such a tensor;
 * `tf-strings` and `tf-content` are the two forms of TensorFlow's.
 */
export type FieldShape =
  | "number"
  | "text"
  | "bytes"
  | "message"
  | "group"
  | "map"
  | "map-key"
  | "any-value"
  | "value-number"
  | "tensor"
  | "raw-tensor"
  | "element"
  | "tf-strings"
  | "tf-content";

/**
 * What a field says besides its text (roles.ts). `identity`: what every message of a stream repeats. `failure`: the text of an error that ended an answer.
 */
export type FieldRole = "model" | "root-model" | "identity" | "failure" | "token-ids" | "most-tokens" | "input-tokens" | "output-tokens";

/** Wire types (protobuf.dev, "Encoding"). */
export const wireTypes = { varint: 0, fixed64: 1, delimited: 2, groupStart: 3, groupEnd: 4, fixed32: 5 } as const;

export interface FieldPlan {
  readonly number: number;
  /** The JSON name; of an extension in brackets. */
  readonly name: string;
  readonly shape: FieldShape;
  /** Wire type of one value. */
  readonly wire: number;
  readonly repeated: boolean;
  /** Place among the message's fields, from 0. */
  readonly order: number;
  /** Whether its JSON form has no key of its own: `google.protobuf.Struct.fields`, the value of a wrapper. */
  readonly transparent: boolean;
  /** Whether its values over a stream spell one text. */
  readonly joined: boolean;
  readonly role: FieldRole | undefined;
  /** Of messages and groups their own plan; of maps their entries'. */
  readonly message: MessagePlan | undefined;
  /** Whether it is a 64-bit integer, which JSON writes as a string. */
  readonly long: boolean;
  /** The names of an enumeration's values, which JSON writes in place of numbers. */
  readonly words: ReadonlySet<string> | undefined;
}

/** How a message reads beyond its fields: `any` holds a message of a type that it names, `tf-tensor` and `tensors` hold text tensors. */
export type MessageForm = "plain" | "any" | "json" | "wkt-text" | "tensors" | "tf-tensor";

export interface MessagePlan {
  readonly typeName: string;
  readonly form: MessageForm;
  /** By number; every number of most messages is small enough. */
  readonly near: readonly (FieldPlan | undefined)[];
  readonly far: ReadonlyMap<number, FieldPlan>;
  /** By JSON name and by the name in the .proto file. */
  readonly byName: ReadonlyMap<string, FieldPlan>;
  /** The list of tensors, of a message that has one. */
  readonly tensors: FieldPlan | undefined;
}

/** The field of a number; undefined where the descriptor has none. */
export const fieldOf = (plan: MessagePlan, number: number): FieldPlan | undefined =>
  number < plan.near.length ? plan.near[number] : plan.far.get(number);

/** The plan of a message's type by its full name: what is inside an Any. */
export type PlanOf = (typeName: string) => MessagePlan | undefined;

/** The plan of a message of which nothing is known. */
export const emptyPlan: MessagePlan = { typeName: "", form: "plain", near: [], far: new Map(), byName: new Map(), tensors: undefined };
