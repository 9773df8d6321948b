/** Stage 4: the request's texts meet the prompt rules and the masker. */

import type { TextCodec } from "../envelope/message.ts";
import { checkPrompt, checkReadable, promptOf, readsRequest, requestRules } from "./checks.ts";
import { inspectMore } from "./inspect-more.ts";
import type { Ledger } from "./ledger.ts";
import { failClosed, maskSpans } from "./masked.ts";
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

/** Rejects with `prompt_blocked`, `content_unreadable` or `masking_failed`. */
export const inspect = <Q>(ports: Ports, permitted: Permitted<Q>, ledger: Ledger): Inspected<Q> => {
  const { incoming, obligations } = permitted;
  checkReadable(obligations, incoming.codec, incoming.message);
  const rules = requestRules(obligations);
  const looks = rules.record !== undefined || readsRequest(obligations);
  const spans = looks ? incoming.codec.spans(incoming.message) : [];
  const prompt = looks ? promptOf(incoming.codec, incoming.message, spans) : [];
  const promptTokens = once(() => ports.tokens.count(prompt.map(({ text }) => text)));
  const recorded: RecordedText[] = [];
  const whole = { spans, closings: looks ? incoming.codec.closes(incoming.message) : [] };
  const texts = failClosed(() => maskSpans(whole, rules, ({ path, author }, text) => recorded.push({ path, author, text })));
  if (rules.record !== undefined) recorded.push(...unreadTexts(incoming.codec, incoming.message));
  ledger.inspected({ level: obligations.record.request, texts: recorded, retentionDays: obligations.record.retentionDays });
  checkPrompt(obligations, prompt, promptTokens);
  const message = rules.reader === undefined ? incoming.message : incoming.codec.rewrite(incoming.message, texts);
  const more = incoming.more && inspectMore(incoming.more, { obligations, opening: prompt, tokens: ports.tokens, ledger });
  return proven<Inspected<Q>>({ permitted, message, more, prompt, promptTokens, recorded });
};
