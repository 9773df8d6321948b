/** The strings of text tensors: KServe's raw contents, and TensorFlow's string values, which may be Examples. */

import type { OpenLane } from "./lanes.ts";
import { fieldOf, type MessagePlan } from "./plan.ts";
import { below, type Piece, type Scan, type Spot } from "./scan.ts";
import { FieldWalk, type FlatField, Unreadable, varintAt, WireCursor } from "./wire.ts";

/** Before each element of a raw BYTES tensor stands its length in four bytes, little-endian (KServe "Binary tensor data extension"). */
const elementPrefix = 4;

/** A tensor's elements, one by one. */
export interface TensorPlace {
  /** Path and lane of the tensor; an element's are these with its index. */
  readonly path: readonly (string | number)[];
  readonly lane: string;
  /** The lane of an element that runs over the stream; absent: elements close with their message. */
  readonly open: ((index: number) => OpenLane) | undefined;
}

/** One element of a tensor. */
export const scanElement = (
  scan: Scan,
  place: TensorPlace,
  index: number,
  { piece, spot }: { readonly piece: Piece; readonly spot: Spot },
): void => {
  const { stretch, steady, depth } = spot;
  const at = { stretch, lane: below(place.lane, index), steady, depth };
  scan.text(piece, at, { path: [...place.path, index], tensor: true, open: place.open?.(index) });
};

/** The raw contents of a BYTES tensor. Throws Unreadable where they are cut. */
export const scanRawTensor = (scan: Scan, place: TensorPlace, spot: Spot): void => {
  const { stretch } = spot;
  if (stretch === undefined) return;
  let index = 0;
  for (let at = stretch.start; at < stretch.end; index++) {
    if (stretch.end - at < elementPrefix) throw new Unreadable();
    const start = at + elementPrefix;
    const end = start + scan.bytes.readUInt32LE(at);
    if (end > stretch.end) throw new Unreadable();
    const piece: Piece = { lengthForm: "fixed32", lengthAt: at, lengthEnd: start, start, end };
    scanElement(scan, place, index, { piece, spot });
    at = end;
  }
};

/** What TensorFlow's DataType calls strings (types.proto). */
const dtString = 7;

/** What must be known of a TensorFlow tensor before its contents are read. */
export interface TfHead {
  readonly dtype: number;
  /** Elements, by its shape; a tensor without dimensions has one. */
  readonly elements: number;
}

const sizeOf = (bytes: Buffer, dimension: FlatField): number => {
  let size = 0;
  const field = new FieldWalk(bytes, dimension.start, dimension.end);
  while (field.next()) if (field.number === 1) size = varintAt(bytes, field.start, field.end);
  return size;
};

const elementsOf = (bytes: Buffer, shape: FlatField): number => {
  let elements = 1;
  const field = new FieldWalk(bytes, shape.start, shape.end);
  while (field.next()) if (field.number === 2) elements *= sizeOf(bytes, field);
  return elements;
};

/** Looks through a TensorProto. Throws Unreadable. */
export const readTfHead = (bytes: Buffer, start: number, end: number, plan: MessagePlan): TfHead => {
  let dtype = 0;
  let elements = 1;
  const field = new FieldWalk(bytes, start, end);
  while (field.next()) {
    const name = fieldOf(plan, field.number)?.name;
    if (name === "dtype") dtype = varintAt(bytes, field.start, field.end);
    if (name === "tensorShape") elements = elementsOf(bytes, field);
  }
  return { dtype, elements };
};

/** First byte of a serialised Example that has features: field 1, delimited. */
const exampleTag = 0x0a;

/** One string of a TensorFlow tensor: a serialised Example where it reads as one without a doubt, else text. */
export const scanTfString = (scan: Scan, piece: Piece, spot: Spot): void => {
  const example = scan.bytes[piece.start] === exampleTag ? scan.planOf("tensorflow.Example") : undefined;
  if (example !== undefined && scan.attempt(() => scan.inside(example, piece, spot))) return;
  scan.text(piece, spot, { tensor: true });
};

/** `tensor_content`: of strings all their lengths as varints, then their bytes; of numbers their bytes, which are no text. */
export const scanTfContent = (scan: Scan, head: TfHead, path: readonly (string | number)[], spot: Spot): void => {
  const { stretch } = spot;
  if (stretch === undefined || (head.dtype !== dtString && head.dtype !== 0)) return;
  const cursor = new WireCursor(scan.bytes);
  cursor.at = stretch.start;
  // An element takes a byte for its length at least.
  if (head.elements > stretch.end - stretch.start) throw new Unreadable();
  const lengths = Array.from({ length: head.elements }, () => {
    const lengthAt = cursor.at;
    const size = cursor.small(stretch.end);
    return { lengthAt, lengthEnd: cursor.at, size };
  });
  let start = cursor.at;
  for (const [index, { lengthAt, lengthEnd, size }] of lengths.entries()) {
    const piece: Piece = { lengthForm: "varint", lengthAt, lengthEnd, start, end: start + size };
    start += size;
    if (start > stretch.end) throw new Unreadable();
    scan.at([...path, index], () => scanTfString(scan, piece, { ...spot, lane: below(spot.lane, index) }));
  }
  if (start !== stretch.end) throw new Unreadable();
};
