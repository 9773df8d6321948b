/** How OpenAI's APIs are asked for at most so many tokens, and how a whole answer tells that it ended there. */

import type { TextCodec } from "../../src/envelope/message.ts";
import type { TextSpan } from "../../src/envelope/text.ts";
import { framedCodec } from "../shared/document.ts";
import type { FramedMessage } from "../shared/frame.ts";
import { withFields } from "../shared/limited-answer.ts";
import { type OutputFields, outputFields } from "../shared/output-cap.ts";
import { field, placeTable } from "../shared/place.ts";
import type { ApiKind } from "./operations.ts";

const fields: Partial<Readonly<Record<ApiKind, OutputFields>>> = {
  chat: outputFields(["max_completion_tokens", "max_tokens"]),
  completions: outputFields(["max_tokens"]),
  responses: outputFields(["max_output_tokens"]),
};

/** The fields that say how much an operation may generate; undefined where it generates nothing. */
export const outputFieldsOf = (kind: ApiKind): OutputFields | undefined => fields[kind];

const choicePlaces = placeTable({ "choices.*.finish_reason": field("finish_reason") });

const cutChoices = (message: FramedMessage, cut: readonly TextSpan[]): FramedMessage => {
  const choices = new Set(cut.filter(({ path }) => path[0] === "choices").map(({ path }) => path[1]));
  return withFields(message, choicePlaces, ({ path }) => (choices.has(path[1]) ? "length" : undefined));
};

const responsePlaces = placeTable({
  status: field("status"),
  incomplete_details: field("details"),
  "incomplete_details.reason": field("reason"),
  "output.*.status": field("item_status"),
});

const cutResponse = (message: FramedMessage, cut: readonly TextSpan[]): FramedMessage => {
  const items = new Set(cut.filter(({ path }) => path[0] === "output").map(({ path }) => path[1]));
  return withFields(message, responsePlaces, ({ name, path }) => {
    switch (name) {
      case "status":
        return "incomplete";
      case "details":
        return { reason: "max_output_tokens" };
      case "reason":
        return "max_output_tokens";
      default:
        return items.has(path[1]) ? "incomplete" : undefined;
    }
  });
};

const limited: Partial<Readonly<Record<ApiKind, NonNullable<TextCodec<FramedMessage>["atLimit"]>>>> = {
  chat: cutChoices,
  completions: cutChoices,
  responses: cutResponse,
};

/** How a whole answer of an operation is read. */
export const answerCodecOf = (kind: ApiKind): TextCodec<FramedMessage> => {
  const atLimit = limited[kind];
  return atLimit === undefined ? framedCodec : { ...framedCodec, atLimit };
};
