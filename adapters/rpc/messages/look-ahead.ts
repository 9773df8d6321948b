/** Fields that must be known before those that may stand in front of them. */

import type { Gathering } from "./gathering.ts";
import { fieldOf, type MessagePlan, wireTypes } from "./plan.ts";
import type { ScanContext } from "./scan.ts";
import { type MessageBytes, openTensors, type TensorList } from "./tensor-list.ts";
import { readTfHead, type TfHead } from "./tensor-scan.ts";
import { FieldWalk, varintAt } from "./wire.ts";

/** What a message has been looked through for. */
export interface Ahead {
  readonly tensors: TensorList | undefined;
  readonly tf: TfHead | undefined;
  /** The type inside an Any, where it is known. */
  readonly packed: MessagePlan | undefined;
}

/** What is known of a message that need not be looked through. */
export const nothingAhead: Ahead = { tensors: undefined, tf: undefined, packed: undefined };

/** The full name of the type that an Any holds: what follows the last slash of its URL. */
const packedType = ({ bytes, start, end }: MessageBytes): string => {
  let url = "";
  const field = new FieldWalk(bytes, start, end);
  while (field.next()) if (field.number === 1) url = bytes.toString("utf8", field.start, field.end);
  return url.slice(url.lastIndexOf("/") + 1);
};

/** Looks through a message one of whose fields says what another holds. Throws Unreadable. */
export const lookAhead = (plan: MessagePlan, at: MessageBytes, found: Gathering, { planOf, lanes }: ScanContext): Ahead => {
  switch (plan.form) {
    case "any":
      return { ...nothingAhead, packed: planOf(packedType(at)) };
    case "tf-tensor":
      return { ...nothingAhead, tf: readTfHead(at.bytes, at.start, at.end, plan) };
    case "tensors":
      return { ...nothingAhead, tensors: openTensors(plan, at, found, lanes) };
    case "plain":
    case "json":
    case "wkt-text":
      return nothingAhead;
  }
};

interface Range {
  readonly start: number;
  readonly end: number;
}

/** A map entry's key: numbers as unsigned ones, those of a fixed size as the hexadecimal digits of their bytes. Where it is missing, it is empty. */
export const entryKey = (bytes: Buffer, { start, end }: Range, entry: MessagePlan): string => {
  const plan = fieldOf(entry, 1);
  let key = "";
  const field = new FieldWalk(bytes, start, end);
  while (field.next()) {
    if (field.number !== 1 || field.wire !== plan?.wire) continue;
    if (field.wire === wireTypes.delimited) key = bytes.toString("utf8", field.start, field.end);
    else if (field.wire === wireTypes.varint) key = String(varintAt(bytes, field.start, field.end));
    else key = bytes.toString("hex", field.start, field.end);
  }
  return key;
};
