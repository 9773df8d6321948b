/** Messages that bring what was held of one lane: as JSON values, which either encoding is written from. */

import type { JsonValue } from "@bufbuild/protobuf";
import type { OpenLane, TensorForm } from "./lanes.ts";
import type { FieldPlan, MessagePlan } from "./plan.ts";
import { below } from "./scan.ts";
import { finalResponse } from "./tensor-heads.ts";

/** Elements of one tensor that are written for one of them. */
const mostElements = 4_096;

const base64 = (text: string): string => Buffer.from(text).toString("base64");

const nameOf = (path: readonly (string | number)[]): string => path.reduce<string>((name, part) => below(name, part), "");

/** One element alone in a list, the ones before it empty. */
const alone = (index: number, value: JsonValue, empty: JsonValue): JsonValue[] => [...Array.from({ length: index }, () => empty), value];

/** `value` at the end of a path of messages. */
const nest = (plan: MessagePlan | undefined, path: readonly (string | number)[], leaf: (field: FieldPlan) => JsonValue): JsonValue => {
  const [name, ...rest] = path;
  const field = plan?.byName.get(String(name));
  if (field === undefined) return {};
  const index = field.repeated ? rest.shift() : undefined;
  const value = rest.length === 0 ? leaf(field) : nest(field.message, rest, leaf);
  return { [field.name]: index === undefined ? value : alone(Number(index), value, typeof value === "string" ? "" : {}) };
};

const rawElements = (elements: readonly string[]): string => {
  const parts = elements.map((element) => {
    const text = Buffer.from(element);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(text.length);
    return Buffer.concat([length, text]);
  });
  return Buffer.concat(parts).toString("base64");
};

const contents = (
  { raw }: TensorForm,
  elements: readonly string[],
): { tensor: Record<string, JsonValue>; message: Record<string, JsonValue> } =>
  raw
    ? { tensor: {}, message: { rawOutputContents: [rawElements(elements)] } }
    : { tensor: { contents: { bytesContents: elements.map(base64) } }, message: {} };

/** A message of one tensor, whose other elements are empty. Of the texts around it go those that the core has let through. */
const tensorMessage = (open: OpenLane, form: TensorForm, text: string): JsonValue => {
  const base = open.path.slice(0, -3);
  const index = Number(open.path.at(-1));
  const of = (part: string): string => {
    const name = nameOf([...base, part]);
    return open.envelope.find((passed) => passed.name === name)?.written ?? "";
  };
  const size = form.shape.reduce((product, dimension) => product * dimension, 1);
  const elements = Array.from({ length: Math.max(index + 1, Math.min(size, mostElements)) }, (_, at) => (at === index ? text : ""));
  const { tensor, message } = contents(form, elements);
  const label = open.envelope.find((passed) => passed.text === open.path.at(-2) && passed.name.endsWith(".name"));
  return {
    modelName: of("modelName"),
    modelVersion: of("modelVersion"),
    id: of("id"),
    ...(form.saysFinal ? { parameters: { [finalResponse]: { boolParam: false } } } : {}),
    outputs: [{ name: label?.written ?? "", datatype: "BYTES", shape: form.shape.map(String), ...tensor }],
    ...message,
  };
};

/** The message that bears only `text`, on a lane that runs over the stream of messages with this plan. */
export const carriedMessage = (plan: MessagePlan, open: OpenLane, text: string): JsonValue => {
  const { tensor, path } = open;
  if (tensor === undefined) return nest(plan, path, (field) => (field.shape === "text" ? text : base64(text)));
  const base = path.slice(0, -3);
  const message = tensorMessage(open, tensor, text);
  return base.length === 0 ? message : nest(plan, base, () => message);
};
