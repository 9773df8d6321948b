/** `GET /v1/models`: the models of every connection that the caller may use, in one list. */

import { GatewayError } from "../../src/envelope/error.ts";
import type { Answer, AnswerHead } from "../../src/envelope/exchange.ts";
import { framedCodec, framedDocument } from "../shared/document.ts";
import { type FramedMessage, wireText } from "../shared/frame.ts";
import { locate } from "../shared/locate.ts";
import { entriesOf } from "./entries.ts";
import { modelListPlaces } from "./places.ts";

/** One connection's list, and which of its models the caller may use. */
export interface ModelSource {
  readonly answer: Answer<FramedMessage>;
  readonly mayUse: (model: string) => boolean;
}

const okStatus = 200;
const head: AnswerHead = { status: okStatus, headers: { "content-type": "application/json" } };

const isList = ({ answer }: ModelSource): boolean => answer.kind === "message" && answer.head.status === okStatus;

/** The lists as one, without the models that the caller may not use. Lists that are none are left out; where no list is left, the first answer stands. */
export const mergeModels = (sources: readonly [ModelSource, ...ModelSource[]]): Answer<FramedMessage> => {
  const lists = sources.filter(isList);
  if (lists.length === 0) return sources[0].answer;
  const merged = new Map<string, string>();
  for (const { answer, mayUse } of lists) {
    if (answer.kind !== "message") continue;
    for (const [model, entry] of entriesOf(wireText(answer.message))) {
      if (mayUse(model) && !merged.has(model)) merged.set(model, entry);
    }
  }
  const document = `{"object":"list","data":[${[...merged.values()].join(",")}]}`;
  const message = framedDocument(document, locate(document, { table: modelListPlaces }), { dropEchoes: false });
  return { kind: "message", head, message, codec: framedCodec };
};

/** The answers that came; throws the first failure when none did. */
export const answered = <T>(results: readonly PromiseSettledResult<T>[]): readonly [T, ...T[]] => {
  const [first, ...rest] = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  if (first !== undefined) return [first, ...rest];
  const failed = results.find((result) => result.status === "rejected");
  throw GatewayError.from(failed?.reason);
};
