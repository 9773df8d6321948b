/** From the chunks of a streamed chat completion to the service's events. */

import { create } from "@bufbuild/protobuf";
import { z } from "zod";
import { GatewayError } from "../envelope/error.ts";
import {
  FinishReason,
  FinishSchema,
  type GenerateStreamResponse,
  GenerateStreamResponseSchema,
  type Usage,
} from "../gen/weir/v1/inference_pb.ts";
import { finishReasonOf, usageOf, usageShape } from "./chat-answer.ts";
import { dataOf } from "./event-data.ts";
import { readJson } from "./json.ts";
import { upstreamFailure } from "./upstream-failure.ts";

const text = z.string().nullish();

const chunk = z.object({
  model: text,
  choices: z
    .array(
      z.object({
        index: z.int().nullish(),
        finish_reason: text,
        delta: z
          .object({
            content: text,
            refusal: text,
            reasoning_content: text,
            reasoning: text,
            tool_calls: z
              .array(
                z.object({
                  index: z.int().nonnegative(),
                  id: text,
                  function: z.object({ name: text, arguments: text }).nullish(),
                }),
              )
              .nullish(),
          })
          .nullish(),
      }),
    )
    .nullish(),
  usage: usageShape,
  error: z.unknown().optional(),
});

type Chunk = z.output<typeof chunk>;
type Choice = NonNullable<Chunk["choices"]>[number];
type Delta = NonNullable<Choice["delta"]>;
type Event = GenerateStreamResponse["event"];

/** The data of the event that ends a stream of the API. */
const endOfStream = "[DONE]";

const textEvent = (name: "text" | "refusal" | "reasoning", value: string | null | undefined): readonly Event[] =>
  value === null || value === undefined || value === "" ? [] : [{ case: name, value }];

const toolEvent = ({ index, id, function: called }: NonNullable<Delta["tool_calls"]>[number]): Event => ({
  case: "toolCall",
  value: {
    $typeName: "weir.v1.ToolCallDelta",
    index,
    id: id ?? "",
    name: called?.name ?? "",
    arguments: called?.arguments ?? "",
  },
});

const deltaEvents = ({ content, refusal, reasoning_content, reasoning, tool_calls }: Delta): readonly Event[] => [
  ...textEvent("reasoning", reasoning_content ?? reasoning),
  ...textEvent("text", content),
  ...textEvent("refusal", refusal),
  ...(tool_calls ?? []).map(toolEvent),
];

/** What is known of an answer while its chunks come. States: open → ended, by the API's own last event. */
class ChunkReader {
  #model = "";
  #reason: FinishReason = FinishReason.UNSPECIFIED;
  #usage: Usage | undefined;
  #ended = false;

  get ended(): boolean {
    return this.#ended;
  }

  read(data: string): readonly Event[] {
    if (data === endOfStream) return [this.#finish()];
    const read = readJson(chunk, data);
    if (read.error !== undefined) throw upstreamFailure(data);
    const { model, choices, usage } = read;
    if (model !== null && model !== undefined && model !== "") this.#model = model;
    this.#usage = usageOf(usage) ?? this.#usage;
    return (choices ?? []).flatMap((choice) => this.#choice(choice));
  }

  /** One answer is asked for; another choice would be mixed into it. */
  #choice({ index, finish_reason, delta }: Choice): readonly Event[] {
    if ((index ?? 0) !== 0) return [];
    if (typeof finish_reason === "string") this.#reason = finishReasonOf(finish_reason);
    return delta === null || delta === undefined ? [] : deltaEvents(delta);
  }

  #finish(): Event {
    this.#ended = true;
    const usage = this.#usage;
    return { case: "finish", value: create(FinishSchema, { model: this.#model, finishReason: this.#reason, ...(usage && { usage }) }) };
  }
}

/** Reads the events of a stream as they come. Throws `upstream_invalid` for a stream that ends without its last event, and an upstream's own error. */
export async function* generateEvents(events: AsyncIterable<readonly string[]>): AsyncGenerator<GenerateStreamResponse> {
  const reader = new ChunkReader();
  for await (const batch of events) {
    for (const event of batch) {
      const data = dataOf(event);
      if (data === undefined) continue;
      for (const told of reader.read(data)) yield create(GenerateStreamResponseSchema, { event: told });
    }
  }
  if (!reader.ended) throw new GatewayError("upstream_invalid", undefined, { note: "the stream ended without its last event" });
}
