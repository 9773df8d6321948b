/** What must be known of KServe's tensors before their contents are read: which raw bytes belong to which tensor. */

import { type FieldPlan, fieldOf, type MessagePlan, wireTypes } from "./plan.ts";
import { mostTokensNames } from "./roles.ts";
import { FieldWalk, type FlatField, varintAt, WireCursor } from "./wire.ts";

/** One tensor of a request or an answer. */
export interface TensorHead {
  readonly name: string;
  readonly datatype: string;
  readonly index: number;
  readonly shape: readonly number[];
  /** Whether its contents stand in the message's list of raw contents, if it has one. */
  readonly raw: boolean;
}

/** The tensors of one message, in order. */
export interface TensorHeads {
  readonly id: string;
  readonly tensors: readonly TensorHead[];
  /** Those whose contents are raw, in the order of the raw contents. */
  readonly raws: readonly TensorHead[];
  /** Entries in the list of raw contents. */
  readonly rawEntries: number;
  readonly final: boolean;
  /** Whether it says at all whether it is the last. */
  readonly saysFinal: boolean;
  /** The limit of output tokens among the parameters. */
  readonly mostTokens: number | undefined;
}

/** Triton's mark of the last response to a request. */
export const finalResponse = "triton_final_response";
/** Dimensions of a tensor that are looked at; no framework has more. */
const mostDimensions = 64;
/** A tensor with this parameter is in shared memory: it has no contents in the message. */
const sharedMemory = "shared_memory_region";

const textOf = (bytes: Buffer, { start, end }: FlatField): string => bytes.toString("utf8", start, end);

/** The value of an InferParameter where it is a number or a boolean. */
const choiceOf = (bytes: Buffer, parameter: FlatField): number => {
  let value = 0;
  const choice = new FieldWalk(bytes, parameter.start, parameter.end);
  while (choice.next()) if (choice.wire === wireTypes.varint) value = varintAt(bytes, choice.start, choice.end);
  return value;
};

/** One entry of a map of InferParameter. */
const parameterOf = (bytes: Buffer, entry: FlatField): { readonly key: string; readonly value: number } => {
  let key = "";
  let value = 0;
  const field = new FieldWalk(bytes, entry.start, entry.end);
  while (field.next()) {
    if (field.number === 1) key = textOf(bytes, field);
    if (field.number === 2) value = choiceOf(bytes, field);
  }
  return { key, value };
};

/** Dimensions in one field, packed or alone. Only as many as a tensor has. */
const dimensions = (bytes: Buffer, { wire, start, end }: FlatField): number[] => {
  if (wire !== wireTypes.delimited) return [varintAt(bytes, start, end)];
  const cursor = new WireCursor(bytes);
  cursor.at = start;
  const sizes: number[] = [];
  while (cursor.at < end && sizes.length < mostDimensions) sizes.push(cursor.varint(end));
  return sizes;
};

const headOf = (bytes: Buffer, tensor: FlatField, index: number, plan: MessagePlan | undefined): TensorHead => {
  const isInput = plan?.typeName.endsWith(".InferInputTensor") === true;
  const head = { name: "", datatype: "", index, shape: noDimensions, raw: true };
  const field = new FieldWalk(bytes, tensor.start, tensor.end);
  while (field.next()) {
    const label = plan && fieldOf(plan, field.number)?.name;
    if (label === "name") head.name = textOf(bytes, field);
    else if (label === "datatype") head.datatype = textOf(bytes, field);
    else if (label === "shape" && head.shape.length < mostDimensions) head.shape = [...head.shape, ...dimensions(bytes, field)];
    else if (label === "contents" && field.end > field.start) head.raw = false;
    // The server leaves such inputs out of the raw list; of outputs it writes an empty entry.
    else if (label === "parameters" && isInput && parameterOf(bytes, field).key === sharedMemory) head.raw = false;
  }
  return head;
};

const noDimensions: readonly number[] = [];

interface Draft {
  id: string;
  final: boolean;
  saysFinal: boolean;
  mostTokens: number | undefined;
  rawEntries: number;
}

const note = (bytes: Buffer, field: FlatField, plan: FieldPlan, draft: Draft): void => {
  if (plan.shape === "raw-tensor") draft.rawEntries += 1;
  else if (plan.name === "id") draft.id = textOf(bytes, field);
  else if (plan.name === "parameters") {
    const { key, value } = parameterOf(bytes, field);
    if (key === finalResponse) {
      draft.final = value !== 0;
      draft.saysFinal = true;
    }
    if (mostTokensNames.has(key)) draft.mostTokens = Math.max(draft.mostTokens ?? 0, value);
  }
};

/** Looks through a message of tensors. Throws Unreadable. */
export const readTensorHeads = (bytes: Buffer, start: number, end: number, plan: MessagePlan): TensorHeads => {
  const draft: Draft = { id: "", final: false, saysFinal: false, mostTokens: undefined, rawEntries: 0 };
  const tensors: TensorHead[] = [];
  const raws: TensorHead[] = [];
  const field = new FieldWalk(bytes, start, end);
  while (field.next()) {
    const known = fieldOf(plan, field.number);
    if (known === undefined) continue;
    if (known.shape !== "tensor") {
      note(bytes, field, known, draft);
      continue;
    }
    const head = headOf(bytes, field, tensors.length, known.message);
    tensors.push(head);
    if (head.raw) raws.push(head);
  }
  const { id, final, saysFinal, mostTokens, rawEntries } = draft;
  return { id, final, saysFinal, mostTokens, rawEntries, tensors, raws };
};
