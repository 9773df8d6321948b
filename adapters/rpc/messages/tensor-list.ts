/** The tensors of one KServe message, while it is read. */

import type { Gathering } from "./gathering.ts";
import type { Lanes, OpenLane } from "./lanes.ts";
import type { FieldPlan, MessagePlan } from "./plan.ts";
import { namesTokenIds } from "./roles.ts";
import { below } from "./scan.ts";
import { readTensorHeads, type TensorHead, type TensorHeads } from "./tensor-heads.ts";
import type { TensorPlace } from "./tensor-scan.ts";
import { Unreadable } from "./wire.ts";

/** Where a message stands: its bytes, and its path and lane. */
export interface MessageBytes {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly path: readonly (string | number)[];
  readonly lane: string;
}

/** How one entry of the raw contents reads: strings; numbers, which are no text; bytes, which may spell one; or a datatype that nobody knows. */
export type RawContents = { readonly kind: "text"; readonly place: TensorPlace } | { readonly kind: "numbers" | "octets" | "unknown" };

/** KServe's datatypes of numbers ("Tensor data types"), BF16 being Triton's. */
const numbers = /^(?:BOOL|U?INT(?:16|32|64)|FP(?:16|32|64)|BF16)$/;
const octets = /^U?INT8$/;
const integers = /^U?INT(?:16|32|64)$/;

/** Says where the strings of each tensor stand: by the tensor's name, so that both encodings have the same paths and lanes. */
export class TensorList {
  readonly #heads: TensorHeads;
  readonly #list: FieldPlan;
  readonly #at: MessageBytes;
  readonly #lanes: Lanes;
  /** Index of the first tensor of each name. */
  readonly #firsts = new Map<string, number>();

  constructor(heads: TensorHeads, list: FieldPlan, at: MessageBytes, lanes: Lanes) {
    this.#heads = heads;
    this.#list = list;
    this.#at = at;
    this.#lanes = lanes;
    for (const { name, index } of heads.tensors) if (!this.#firsts.has(name)) this.#firsts.set(name, index);
  }

  /** Where the contents of the tensor with this index go. */
  place(index: number): TensorPlace {
    const head = this.#heads.tensors[index];
    const name = head?.name ?? "";
    const path = [...this.#at.path, this.#list.name, name];
    const label = this.#firsts.get(name) === index ? name : `${name}~${index}`;
    const lane = below(below(this.#at.lane, this.#list.name), label);
    if (head === undefined || !this.#list.joined || !this.#lanes.streaming) return { path, lane, open: undefined };
    return { path, lane, open: (element) => this.#open(below(lane, element), head, [...path, element]) };
  }

  /** How an entry of the raw contents reads. Throws Unreadable where tensors and entries do not pair. */
  raw(entry: number): RawContents {
    const { raws, rawEntries } = this.#heads;
    const head = raws[entry];
    if (head === undefined || rawEntries !== raws.length) throw new Unreadable();
    if (head.datatype === "BYTES") return { kind: "text", place: this.place(head.index) };
    if (octets.test(head.datatype)) return { kind: "octets" };
    return { kind: numbers.test(head.datatype) ? "numbers" : "unknown" };
  }

  #open(lane: string, { raw, shape }: TensorHead, path: readonly (string | number)[]): OpenLane {
    const { id, rawEntries, saysFinal } = this.#heads;
    return this.#lanes.joined(lane, { group: id, path, tensor: { shape, raw: raw && rawEntries > 0, saysFinal } });
  }
}

const spellsText = ({ name, datatype }: TensorHead): boolean => integers.test(datatype) && namesTokenIds(name);

/** Looks through a message of tensors and takes note of what it says of its request. Throws Unreadable. */
export const openTensors = (plan: MessagePlan, at: MessageBytes, found: Gathering, lanes: Lanes): TensorList => {
  const heads = readTensorHeads(at.bytes, at.start, at.end, plan);
  found.group = heads.id;
  found.final ||= heads.final;
  if (heads.mostTokens !== undefined) found.number("most-tokens", heads.mostTokens);
  if (heads.tensors.some(spellsText)) found.blind();
  if (plan.tensors === undefined) throw new Unreadable();
  return new TensorList(heads, plan.tensors, at, lanes);
};
