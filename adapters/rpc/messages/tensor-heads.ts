/** What must be known of KServe's tensors before their contents are read: which raw bytes belong to which tensor. */

import { type FieldPlan, fieldOf, type MessagePlan, wireTypes } from "./plan.ts";
import { mostTokensNames } from "./roles.ts";
import { type FlatField, flatFields, varintAt, WireCursor } from "./wire.ts";

/** One tensor of a request or an answer. */
export interface TensorHead {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  /** Whether its contents stand in the message's list of raw contents. */
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

/** One entry of a map of InferParameter: its key, and its value where that is a number or a boolean. */
const parameterOf = (bytes: Buffer, entry: FlatField): { readonly key: string; readonly value: number } => {
  let key = "";
  let value = 0;
  for (const field of flatFields(bytes, entry.start, entry.end)) {
    if (field.number === 1) key = textOf(bytes, field);
    if (field.number !== 2) continue;
    for (const choice of flatFields(bytes, field.start, field.end))
      if (choice.wire === wireTypes.varint) value = varintAt(bytes, choice.start, choice.end);
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

const headOf = (bytes: Buffer, tensor: FlatField, plan: MessagePlan | undefined): TensorHead => {
  const isInput = plan?.typeName.endsWith(".InferInputTensor") === true;
  let name = "";
  let datatype = "";
  let raw = true;
  const shape: number[] = [];
  for (const field of flatFields(bytes, tensor.start, tensor.end)) {
    const label = plan && fieldOf(plan, field.number)?.name;
    if (label === "name") name = textOf(bytes, field);
    else if (label === "datatype") datatype = textOf(bytes, field);
    else if (label === "shape" && shape.length < mostDimensions) shape.push(...dimensions(bytes, field));
    else if (label === "contents" && field.end > field.start) raw = false;
    // The server leaves such inputs out of the raw list; of outputs it writes an empty entry.
    else if (label === "parameters" && isInput && parameterOf(bytes, field).key === sharedMemory) raw = false;
  }
  return { name, datatype, shape, raw };
};

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
  for (const field of flatFields(bytes, start, end)) {
    const known = fieldOf(plan, field.number);
    if (known?.shape === "tensor") tensors.push(headOf(bytes, field, known.message));
    else if (known !== undefined) note(bytes, field, known, draft);
  }
  return { ...draft, tensors, raws: tensors.filter(({ raw }) => raw) };
};
