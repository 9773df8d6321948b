/** InferenceService: what its methods ask of the OpenAI API, and how they answer. */

import { create } from "@bufbuild/protobuf";
import { type ConnectRouter, createContextKey, type HandlerContext } from "@connectrpc/connect";
import { GatewayError } from "../envelope/error.ts";
import {
  type EmbedRequest,
  type EmbedResponse,
  type GenerateRequest,
  GenerateRequestSchema,
  type GenerateResponse,
  type GenerateStreamRequest,
  type GenerateStreamResponse,
  InferenceService,
} from "../gen/weir/v1/inference_pb.ts";
import { generateResponse } from "./chat-answer.ts";
import { generateEvents } from "./chat-events.ts";
import { chatRequest } from "./chat-request.ts";
import { embeddingsRequest, embedResponse } from "./embeddings.ts";
import { connectError } from "./error.ts";
import type { OpenaiAnswer } from "./openai.ts";
import type { Turn } from "./turn.ts";
import { upstreamFailure } from "./upstream-failure.ts";

/** Where the handlers find the call that they serve. */
export const turnKey = createContextKey<Turn | undefined>(undefined, { description: "turn" });

const chat = "/v1/chat/completions";

/** What each method is in the OpenAI API, by the path under which it is called. */
export const openaiPaths: ReadonlyMap<string, string> = new Map([
  [`/${InferenceService.typeName}/${InferenceService.method.generate.name}`, chat],
  [`/${InferenceService.typeName}/${InferenceService.method.generateStream.name}`, chat],
  [`/${InferenceService.typeName}/${InferenceService.method.embed.name}`, "/v1/embeddings"],
]);

const firstErrorStatus = 400;

const turnOf = ({ values }: HandlerContext): Turn => {
  const turn = values.get(turnKey);
  if (turn === undefined) throw new GatewayError("internal");
  return turn;
};

const textOf = (answer: OpenaiAnswer): string => {
  if (answer.kind === "stream") throw new GatewayError("upstream_invalid", undefined, { note: "a stream where one message was asked for" });
  if (answer.status >= firstErrorStatus) throw upstreamFailure(answer.text, answer.status);
  return answer.text;
};

/** Runs a unary method; every way in which it fails is a ConnectError. */
const unary = async <Response>(context: HandlerContext, translate: () => string, read: (json: string) => Response): Promise<Response> => {
  const turn = turnOf(context);
  try {
    const text = textOf(await turn.ask(translate, context.signal));
    turn.given();
    return read(text);
  } catch (thrown) {
    throw connectError(thrown, turn.session);
  }
};

const eventsOf = (answer: OpenaiAnswer): AsyncIterable<readonly string[]> => {
  if (answer.kind === "stream") return answer.events;
  if (answer.status >= firstErrorStatus) throw upstreamFailure(answer.text, answer.status);
  throw new GatewayError("upstream_invalid", undefined, { note: "one message where a stream was asked for" });
};

const generate = (request: GenerateRequest, context: HandlerContext): Promise<GenerateResponse> =>
  unary(context, () => chatRequest(request, false), generateResponse);

async function* generateStream({ request }: GenerateStreamRequest, context: HandlerContext): AsyncGenerator<GenerateStreamResponse> {
  const turn = turnOf(context);
  try {
    const answer = await turn.ask(() => chatRequest(request ?? create(GenerateRequestSchema), true), context.signal);
    yield* generateEvents(eventsOf(answer));
    turn.given();
  } catch (thrown) {
    throw connectError(thrown, turn.session);
  }
}

const embed = (request: EmbedRequest, context: HandlerContext): Promise<EmbedResponse> =>
  unary(
    context,
    () => embeddingsRequest(request),
    (json) => embedResponse(json, request.inputs.length),
  );

/** The service's routes. */
export const inferenceRoutes = (router: ConnectRouter): ConnectRouter =>
  router.service(InferenceService, { generate, generateStream, embed });
