/** Embeddings: unit vectors that depend on nothing but the input. */

import { createHash } from "node:crypto";
import type { EmbeddingsRequest } from "./request.ts";

const usualDimensions = 256;
const bytesPerFloat = 4;

/** A vector of length one from the digests of the input and a counter. */
const vectorOf = (input: string, dimensions: number): Float32Array => {
  const values = new Float32Array(dimensions);
  for (let at = 0; at < dimensions; at++) {
    const digest = createHash("sha256").update(`${at}:${input}`).digest();
    values[at] = digest.readInt32BE(0) / 2 ** 31;
  }
  const length = Math.hypot(...values) || 1;
  return values.map((value) => value / length);
};

const inputsOf = (input: EmbeddingsRequest["input"]): readonly string[] => {
  if (typeof input === "string") return [input];
  const isOneListOfTokens = input.every((each) => typeof each === "number");
  return isOneListOfTokens ? [input.join(",")] : input.map((each) => String(each));
};

/** Little-endian floats, as OpenAI's SDKs decode them. */
const base64Of = (vector: Float32Array): string => {
  const bytes = Buffer.alloc(vector.length * bytesPerFloat);
  vector.forEach((value, index) => {
    bytes.writeFloatLE(value, index * bytesPerFloat);
  });
  return bytes.toString("base64");
};

export const embeddings = ({ model, input, dimensions, encoding_format: format }: EmbeddingsRequest): object => {
  const inputs = inputsOf(input);
  const tokens = inputs.reduce((sum, each) => sum + Math.ceil(each.length / bytesPerFloat), 0);
  return {
    object: "list",
    model,
    data: inputs.map((each, index) => {
      const vector = vectorOf(each, dimensions ?? usualDimensions);
      return { object: "embedding", index, embedding: format === "base64" ? base64Of(vector) : [...vector] };
    }),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
};
