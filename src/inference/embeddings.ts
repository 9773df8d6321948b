/** Texts to vectors, as the OpenAI API has them. */

import { create } from "@bufbuild/protobuf";
import { z } from "zod";
import { GatewayError } from "../envelope/error.ts";
import { type EmbedRequest, type EmbedResponse, EmbedResponseSchema } from "../gen/weir/v1/inference_pb.ts";
import { usageOf, usageShape } from "./chat-answer.ts";
import { readJson } from "./json.ts";

/** The request's JSON. Throws `request_invalid`. */
export const embeddingsRequest = ({ model, inputs, dimensions }: EmbedRequest): string => {
  if (inputs.length === 0) throw new GatewayError("request_invalid", "inputs must not be empty.", { param: "inputs" });
  return JSON.stringify({ model, input: inputs, encoding_format: "float", ...(dimensions !== undefined && { dimensions }) });
};

const answer = z.object({
  model: z.string().nullish(),
  data: z.array(z.object({ index: z.int().nonnegative(), embedding: z.array(z.number()) })),
  usage: usageShape,
});

/** Reads an answer to `count` inputs; the API may give vectors in any order. Throws `upstream_invalid`. */
export const embedResponse = (json: string, count: number): EmbedResponse => {
  const { model, data, usage } = readJson(answer, json);
  const inOrder = [...data].sort((a, b) => a.index - b.index);
  if (inOrder.length !== count || inOrder.some(({ index }, at) => index !== at)) {
    throw new GatewayError("upstream_invalid", undefined, { note: "the answer has not one vector for each input" });
  }
  const told = usageOf(usage);
  const embeddings = inOrder.map(({ embedding }) => ({ values: embedding }));
  return create(EmbedResponseSchema, { model: model ?? "", embeddings, ...(told && { usage: told }) });
};
