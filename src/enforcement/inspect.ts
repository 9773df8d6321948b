/** Stage 4: the request's texts meet the prompt rules and the masker. */

import type { Obligations, PromptText } from "../../policy/obligations.ts";
import type { TextCodec } from "../envelope/message.ts";
import { asks } from "./approve.ts";
import { checkPrompt, checkReadable, promptOf, readsRequest, requestRules } from "./checks.ts";
import { inspectMore } from "./inspect-more.ts";
import type { Ledger } from "./ledger.ts";
import { failClosed, type LaneRules, maskSpans } from "./masked.ts";
import type { Ports, RecordedText } from "./ports.ts";
import { type Inspected, type Permitted, proven } from "./stages.ts";
import { unreadNote } from "./unread.ts";

const once = (compute: () => number): (() => number) => {
  let known: number | undefined;
  return () => {
    known ??= compute();
    return known;
  };
};

const unreadTexts = <Q>(codec: TextCodec<Q>, message: Q): readonly RecordedText[] => {
  const text = unreadNote(codec, message);
  return text === undefined ? [] : [{ path: [], author: "data", text }];
};

/** Whoever must agree to a call reads it masked for the record, whether it is recorded or not. */
const wholeRules = (obligations: Obligations, ledger: Ledger): LaneRules => {
  const rules = requestRules(obligations, ledger);
  return obligations.approvals.length === 0 ? rules : { ...rules, record: obligations.recordRequest };
};

const recordedAt = ({ record }: Obligations, masked: readonly RecordedText[]): readonly RecordedText[] =>
  record.request === "masked" ? masked : [];

/** What policies that only observe would have done with the prompt goes on record. */
const observePrompt = <Q>({ obligations, facts }: Permitted<Q>, { prompt, tokens }: Prompt, ledger: Ledger): void => {
  const { observed, prompts, approvals } = obligations;
  if (observed === undefined) return;
  const known = new Set(prompts?.blockedBy(prompt));
  const blocking = (observed.prompts?.blockedBy(prompt) ?? []).filter((name) => !known.has(name));
  if (blocking.length > 0) ledger.observed(`It would be blocked by ${blocking.join(" and ")}.`);
  const asking = observed.approvals.filter(
    (rule) => !approvals.some(({ policy }) => policy === rule.policy) && asks(rule, { prompt, tokens, facts }),
  );
  if (asking.length > 0) ledger.observed(`It would wait for an approval of ${asking.map(({ policy }) => policy).join(" and ")}.`);
};

interface Prompt {
  readonly prompt: readonly PromptText[];
  readonly tokens: () => number;
}

/** Rejects with `prompt_blocked`, `content_unreadable` or `masking_failed`. */
export const inspect = <Q>(ports: Ports, permitted: Permitted<Q>, ledger: Ledger): Inspected<Q> => {
  const { incoming, obligations } = permitted;
  checkReadable(obligations, incoming.codec, incoming.message);
  const rules = wholeRules(obligations, ledger);
  const looks = rules.record !== undefined || readsRequest(obligations) || obligations.observed !== undefined;
  const spans = looks ? incoming.codec.spans(incoming.message) : [];
  const prompt = looks ? promptOf(incoming.codec, incoming.message, spans) : [];
  const promptTokens = once(() => ports.tokens.count(prompt.map(({ text }) => text)));
  const masked: RecordedText[] = [];
  const whole = { spans, closings: looks ? incoming.codec.closes(incoming.message) : [] };
  const texts = failClosed(() => maskSpans(whole, rules, ({ path, author }, text) => masked.push({ path, author, text })));
  if (rules.record !== undefined) masked.push(...unreadTexts(incoming.codec, incoming.message));
  ledger.inspected({
    level: obligations.record.request,
    texts: recordedAt(obligations, masked),
    retentionDays: obligations.record.retentionDays,
  });
  observePrompt(permitted, { prompt, tokens: promptTokens }, ledger);
  checkPrompt(obligations, prompt, promptTokens);
  const message = rules.reader === undefined ? incoming.message : incoming.codec.rewrite(incoming.message, texts);
  const more =
    incoming.more &&
    inspectMore(incoming.more, {
      obligations,
      facts: permitted.facts,
      checkModel: permitted.checkModel,
      opening: prompt,
      tokens: ports.tokens,
      ledger,
    });
  return proven<Inspected<Q>>({ permitted, message, more, prompt, promptTokens, masked });
};
