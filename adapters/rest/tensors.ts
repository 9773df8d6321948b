/**
 * JSON that binary tensors follow: the binary tensor data extension of KServe v2 (triton-inference-server/server `docs/protocol/extension_binary_data.md`).
 *
 * The JSON is a text like any other. Elements of BYTES tensors, each behind its length in 4 bytes little-endian, are texts where they are UTF-8; sizes in the JSON
 * and lengths are mended when a text changes. Tensors of other types are numbers, except that those of one byte an element may hold anything.
 */

import { GatewayError } from "../../src/envelope/error.ts";
import { compilePaths, type JsonCursor, JsonError, spliceJson, walkJson } from "../../src/envelope/json/index.ts";
import type { Author } from "../../src/envelope/text.ts";
import { type JsonFacts, readJson, requestText } from "./json-body.ts";
import { type Envelope, emptyMessage, joinParts, type Part, type RestMessage, type Sealed } from "./message.ts";
import { partOf, textBody, unreadOf } from "./parts.ts";
import { isTextBytes } from "./utf8.ts";

/** The header that says how many bytes the JSON has. */
export const jsonLengthHeader = "inference-header-content-length";

/** Bytes before each element of a BYTES tensor. */
const lengthBytes = 4;
/** Elements of the text tensors of one message: each is kept apart. */
const mostElements = 100_000;

const opaqueTypes: ReadonlySet<string | undefined> = new Set([undefined, "UINT8", "INT8"]);

type Spot = "datatype" | "size";

const spots = compilePaths<Spot>({
  "inputs.*.datatype": "datatype",
  "inputs.*.parameters.binary_data_size": "size",
  "outputs.*.datatype": "datatype",
  "outputs.*.parameters.binary_data_size": "size",
});

/** A tensor whose data follow the JSON. */
interface Announced {
  /** `inputs` or `outputs`, and the tensor's index. */
  readonly path: readonly (string | number)[];
  readonly datatype: string | undefined;
  readonly size: number;
  /** Where its size stands in the JSON. */
  readonly start: number;
  readonly end: number;
}

const broken = (note: string): GatewayError => new GatewayError("request_invalid", `The binary tensors cannot be read: ${note}.`);

const announcedIn = (json: string): Announced[] => {
  const types = new Map<string, string>();
  const sizes: Omit<Announced, "datatype">[] = [];
  const value = (at: JsonCursor<Spot>): void => {
    if (at.tag === undefined) return;
    const path = at.path().slice(0, 2);
    if (at.tag === "datatype") types.set(path.join("."), at.string() ?? "");
    else sizes.push({ path, size: Number(at.raw()), start: at.start, end: at.end });
  };
  walkJson(json, { value }, { table: spots });
  return sizes.map((announced) => ({ ...announced, datatype: types.get(announced.path.join(".")) }));
};

/** The parts of one message that are one tensor's. */
interface Laid {
  readonly from: number;
  readonly to: number;
  readonly prefixed: boolean;
}

const prefix = (length: number): Buffer => {
  const bytes = Buffer.allocUnsafe(lengthBytes);
  bytes.writeUInt32LE(length);
  return bytes;
};

const sealTensor = (parts: readonly Part[], { from, to, prefixed }: Laid): Buffer => {
  const own = parts
    .slice(from, to)
    .map((part) => joinParts([part]))
    .map((raw) => (typeof raw === "string" ? Buffer.from(raw) : raw));
  return Buffer.concat(prefixed ? own.flatMap((bytes) => [prefix(bytes.length), bytes]) : own);
};

/** Puts JSON and tensors together again, with the sizes that they have now. Both the headers and the body of a message are asked for: they are made once. */
class TensorEnvelope implements Envelope {
  readonly #laid: readonly Laid[];
  #body: readonly Part[];
  #sealed: Sealed;

  /** `came`: the body's parts as they came, and what they were taken from. */
  constructor(laid: readonly Laid[], body: readonly Part[], came: Sealed) {
    this.#laid = laid;
    this.#body = body;
    this.#sealed = came;
  }

  seal(body: readonly Part[]): Sealed {
    if (body === this.#body) return this.#sealed;
    const tensors = this.#laid.map((laid) => sealTensor(body, laid));
    const json = Buffer.from(this.#mend(String(joinParts(body.slice(0, 1))), tensors));
    this.#body = body;
    this.#sealed = { bytes: Buffer.concat([json, ...tensors]), headers: { [jsonLengthHeader]: String(json.length) } };
    return this.#sealed;
  }

  /** Throws `masking_failed` where masking has covered a size. */
  #mend(json: string, tensors: readonly Buffer[]): string {
    const announced = announcedIn(json);
    if (announced.length !== tensors.length) throw new GatewayError("masking_failed", undefined, { note: "a tensor's size was masked" });
    return spliceJson(
      json,
      announced.map(({ start, end }, index) => ({ start, end, text: String(tensors[index]?.length ?? 0) })),
    );
  }
}

/** Takes bytes apart into parts. */
class TensorReader {
  readonly parts: Part[] = [];
  readonly laid: Laid[] = [];
  readonly unread: Buffer[] = [];
  readonly #author: Author;

  constructor(json: string, author: Author) {
    this.#author = author;
    this.parts.push(...textBody(json, author, "json").body);
  }

  add({ path, datatype }: Announced, bytes: Buffer): void {
    const from = this.parts.length;
    const prefixed = datatype === "BYTES";
    if (prefixed) this.#elements(path, bytes);
    else this.parts.push(bytes);
    if (opaqueTypes.has(datatype) && bytes.length > 0) this.unread.push(bytes);
    this.laid.push({ from, to: this.parts.length, prefixed });
  }

  #elements(path: readonly (string | number)[], bytes: Buffer): void {
    let index = 0;
    for (let at = 0; at < bytes.length; index++) {
      if (at + lengthBytes > bytes.length) throw broken("an element has no length");
      const end = at + lengthBytes + bytes.readUInt32LE(at);
      if (end > bytes.length) throw broken("an element is longer than its tensor");
      if (this.parts.length >= mostElements) throw broken("there are too many elements");
      this.#element([...path, "data", index], bytes.subarray(at + lengthBytes, end));
      at = end;
    }
  }

  #element(path: readonly (string | number)[], bytes: Buffer): void {
    if (isTextBytes(bytes)) {
      this.parts.push(partOf(bytes.toString("utf8"), { author: this.#author, path, writing: "element" }));
      return;
    }
    this.parts.push(bytes);
    this.unread.push(bytes);
  }
}

const jsonLengthOf = (value: string, bytes: Buffer): number => {
  const length = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN;
  if (!(length > 0 && length <= bytes.length)) throw broken("the JSON's length is not in the body");
  return length;
};

/** Splits a body whose JSON has the length that its header says. Throws `request_invalid` for what does not add up. */
const splitTensors = (bytes: Buffer, json: string, jsonLength: number, author: Author): RestMessage => {
  const reader = new TensorReader(json, author);
  let at = jsonLength;
  for (const announced of announcedIn(json)) {
    const end = at + announced.size;
    if (!Number.isSafeInteger(end) || announced.size < 0 || end > bytes.length) throw broken("a tensor is longer than the body");
    reader.add(announced, bytes.subarray(at, end));
    at = end;
  }
  if (at !== bytes.length) throw broken("bytes follow that are no tensor's");
  const { parts, laid, unread } = reader;
  const came: Sealed = { bytes, headers: { [jsonLengthHeader]: String(jsonLength) } };
  const message = { ...emptyMessage, body: parts, whole: bytes, envelope: new TensorEnvelope(laid, parts, came) };
  return unread.length === 0 ? message : { ...message, visibility: "partial", unread: unreadOf(unread) };
};

/** A request's JSON and tensors. Throws `request_invalid`. */
export const readTensors = (
  bytes: Buffer,
  lengthHeader: string,
  author: Author,
): { readonly message: RestMessage; readonly facts: JsonFacts } => {
  const jsonLength = jsonLengthOf(lengthHeader, bytes);
  const json = requestText(bytes.subarray(0, jsonLength));
  const facts = readJson(json, true);
  return { message: splitTensors(bytes, json, jsonLength, author), facts };
};

/** An answer's JSON and tensors; undefined for what cannot be read as such. What is not read of it makes all of it unreadable. */
export const readTensorAnswer = (bytes: Buffer, lengthHeader: string): RestMessage | undefined => {
  try {
    const jsonLength = jsonLengthOf(lengthHeader, bytes);
    const message = splitTensors(bytes, requestText(bytes.subarray(0, jsonLength)), jsonLength, "assistant");
    return message.visibility === "whole" ? message : { ...message, visibility: "none" };
  } catch (thrown) {
    if (thrown instanceof JsonError || thrown instanceof GatewayError) return undefined;
    throw thrown;
  }
};
