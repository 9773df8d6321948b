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

/** How one entry of the raw contents reads: strings; numbers, which are no text; or a datatype that nobody knows. */
export type RawContents =
  | { readonly kind: "text"; readonly place: TensorPlace }
  | { readonly kind: "numbers" }
  | { readonly kind: "unknown" };

/** KServe's datatypes of numbers ("Tensor data types"), BF16 being Triton's. */
const numbers = /^(?:BOOL|U?INT(?:8|16|32|64)|FP(?:16|32|64)|BF16)$/;
const integers = /^U?INT(?:16|32|64)$/;

/** Says where the strings of each tensor stand: by the tensor's name, so that both encodings have the same paths and lanes. */
export class TensorList {
  readonly #heads: TensorHeads;
  readonly #list: FieldPlan;
  readonly #at: MessageBytes;
  readonly #lanes: Lanes;
  readonly #labels: readonly string[];

  constructor(heads: TensorHeads, list: FieldPlan, at: MessageBytes, lanes: Lanes) {
    this.#heads = heads;
    this.#list = list;
    this.#at = { ...at, path: [...at.path] };
    this.#lanes = lanes;
    const seen = new Set<string>();
    this.#labels = heads.tensors.map(({ name }, index) => {
      const label = seen.has(name) ? `${name}~${index}` : name;
      seen.add(name);
      return label;
    });
  }

  /** Where the contents of the tensor with this index go. */
  place(index: number): TensorPlace {
    const head = this.#heads.tensors[index];
    const path = [...this.#at.path, this.#list.name, head?.name ?? ""];
    const lane = below(below(this.#at.lane, this.#list.name), this.#labels[index] ?? String(index));
    if (head === undefined || !this.#list.joined || !this.#lanes.streaming) return { path, lane, open: undefined };
    return { path, lane, open: (element) => this.#open(below(lane, element), head, [...path, element]) };
  }

  /** How an entry of the raw contents reads. Throws Unreadable where tensors and entries do not pair. */
  raw(entry: number): RawContents {
    const { raws, rawEntries, tensors } = this.#heads;
    const head = raws[entry];
    if (head === undefined || rawEntries !== raws.length) throw new Unreadable();
    if (numbers.test(head.datatype)) return { kind: "numbers" };
    return head.datatype === "BYTES" ? { kind: "text", place: this.place(tensors.indexOf(head)) } : { kind: "unknown" };
  }

  #open(lane: string, head: TensorHead, path: readonly (string | number)[]): OpenLane {
    const { id, raws, saysFinal } = this.#heads;
    const raw = this.#heads.rawEntries > 0 && raws.includes(head);
    return this.#lanes.joined(lane, { group: id, path, tensor: { shape: head.shape, raw, saysFinal } });
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
  const list = [...plan.byName.values()].find(({ shape }) => shape === "tensor");
  if (list === undefined) throw new Unreadable();
  return new TensorList(heads, list, at, lanes);
};
