/** Stage 4: the request's texts meet the prompt rules and the masker. */

import type { Obligations, PromptText } from "../../policy/obligations.ts";
import { GatewayError } from "../envelope/error.ts";
import type { TextSpan } from "../envelope/text.ts";
import type { Ledger } from "./ledger.ts";
import { failClosed, type LaneRules, maskSpans } from "./masked.ts";
import type { Ports, RecordedText } from "./ports.ts";
import { type Inspected, type Permitted, proven } from "./stages.ts";

/** Adjacent texts of one author are one text, so that a rule sees what was cut into parts. Parts are joined as the model reads them: without a gap. */
export const joinTexts = (spans: readonly TextSpan[]): readonly PromptText[] => {
  const joined: { author: PromptText["author"]; text: string }[] = [];
  for (const span of spans) {
    const last = joined.at(-1);
    if (last !== undefined && last.author === span.author) last.text += span.text;
    else joined.push({ author: span.author, text: span.text });
  }
  return joined;
};

const once = (compute: () => number): (() => number) => {
  let known: number | undefined;
  return () => {
    known ??= compute();
    return known;
  };
};

const checkPrompt = (obligations: Obligations, prompt: readonly PromptText[], tokens: () => number): void => {
  const blocking = obligations.prompts?.blockedBy(prompt) ?? [];
  if (blocking.length > 0) throw new GatewayError("prompt_blocked", undefined, { note: `blocked by ${blocking.join(", ")}` });
  const limit = obligations.promptTokens;
  if (limit === undefined || tokens() <= limit) return;
  throw new GatewayError("prompt_blocked", "The request has more tokens than policy allows.", {
    note: `${tokens()} prompt tokens, ${limit} allowed`,
  });
};

const checkReadable = <Q>(permitted: Permitted<Q>): void => {
  const { incoming, obligations } = permitted;
  const mustRead = obligations.maskRequest !== undefined || obligations.prompts !== undefined;
  if (!mustRead || obligations.onUnmaskable === "pass") return;
  if (incoming.codec.visibility(incoming.message) !== "whole") throw new GatewayError("content_unreadable");
};

/** Rejects with `prompt_blocked`, `content_unreadable` or `masking_failed`. */
export const inspect = <Q>(ports: Ports, permitted: Permitted<Q>, ledger: Ledger): Inspected<Q> => {
  const { incoming, obligations } = permitted;
  checkReadable(permitted);
  const spans = incoming.codec.spans(incoming.message);
  const prompt = joinTexts(spans);
  const promptTokens = once(() => ports.tokens.count(prompt.map(({ text }) => text)));
  const recorded: RecordedText[] = [];
  const rules: LaneRules = {
    reader: obligations.maskRequest,
    record: obligations.record.request === "masked" ? obligations.recordRequest : undefined,
  };
  const whole = { spans, closings: incoming.codec.closes(incoming.message) };
  const texts = failClosed(() => maskSpans(whole, rules, ({ path, author }, text) => recorded.push({ path, author, text })));
  ledger.inspected({ level: obligations.record.request, texts: recorded, retentionDays: obligations.record.retentionDays });
  checkPrompt(obligations, prompt, promptTokens);
  const message = rules.reader === undefined ? incoming.message : incoming.codec.rewrite(incoming.message, texts);
  return proven<Inspected<Q>>({ permitted, message, prompt, promptTokens, recorded });
};
