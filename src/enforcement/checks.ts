/** What every message of a request meets, the first and the later ones of a stream alike: the rules about prompts, and what must be read. */

import type { Obligations, PromptText } from "../../policy/obligations.ts";
import { GatewayError } from "../envelope/error.ts";
import type { TextCodec } from "../envelope/message.ts";
import type { Reading, TextSpan } from "../envelope/text.ts";
import type { Ledger } from "./ledger.ts";
import type { LaneRules } from "./masked.ts";

/** Adjacent texts of one author are one text, so that a rule sees what was cut into parts. Parts are joined as the model reads them: without a gap. */
export const joinTexts = (spans: readonly Reading[]): readonly PromptText[] => {
  const joined: { author: PromptText["author"]; text: string }[] = [];
  for (const span of spans) {
    const last = joined.at(-1);
    if (last !== undefined && last.author === span.author) last.text += span.text;
    else joined.push({ author: span.author, text: span.text });
  }
  return joined;
};

/** What the rules about prompts read of a message. */
export const promptOf = <M>(codec: TextCodec<M>, message: M, spans: readonly TextSpan[]): readonly PromptText[] =>
  joinTexts(codec.readings?.(message) ?? spans);

/** Throws `prompt_blocked` where a prompt rule or the limit of tokens stops these texts. */
export const checkPrompt = (obligations: Obligations, prompt: readonly PromptText[], tokens: () => number): void => {
  const blocking = obligations.prompts?.blockedBy(prompt) ?? [];
  if (blocking.length > 0) throw new GatewayError("prompt_blocked", undefined, { note: `blocked by ${blocking.join(", ")}` });
  const limit = obligations.promptTokens;
  if (limit === undefined || tokens() <= limit) return;
  throw new GatewayError("prompt_blocked", "The request has more tokens than policy allows.", {
    note: `${tokens()} prompt tokens, ${limit} allowed`,
  });
};

/** Throws `content_unreadable` for a request message that policy must see and the gateway cannot. */
export const checkReadable = <Q>(obligations: Obligations, codec: TextCodec<Q>, message: Q): void => {
  if (obligations.onUnmaskable === "pass" || !readsRequest(obligations)) return;
  const visibility = codec.visibility(message);
  const mustReadAll = obligations.maskRequest !== undefined || obligations.prompts !== undefined;
  if (visibility === "none" || (visibility === "partial" && mustReadAll)) throw new GatewayError("content_unreadable");
};

/** Whether policy looks at what a request says: what cannot be read at all would pass limits and approvals by, too. */
export const readsRequest = ({ maskRequest, prompts, promptTokens, approvals, quotas }: Obligations): boolean =>
  maskRequest !== undefined ||
  prompts !== undefined ||
  promptTokens !== undefined ||
  approvals.length > 0 ||
  quotas.some(({ tokensPerDay }) => tokensPerDay !== undefined);

/** How a request is masked for the upstream, and for the record. */
export const requestRules = (obligations: Obligations, ledger: Ledger): LaneRules => ({
  reader: obligations.maskRequest,
  found: ledger.found("request"),
  record: obligations.record.request === "masked" ? obligations.recordRequest : undefined,
});
