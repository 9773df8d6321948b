/** Stage 4 for the messages of a request stream that follow its first: a transform, pulled by the adapter. Nothing goes on before it is recorded. */

import type { Facts } from "../../policy/decision.ts";
import type { Obligations, PromptText } from "../../policy/obligations.ts";
import type { Batches, MoreMessages } from "../envelope/exchange.ts";
import type { StreamCodec } from "../envelope/message.ts";
import { checkApprovals } from "./approve.ts";
import { checkPrompt, checkReadable, promptOf, requestRules } from "./checks.ts";
import type { Ledger } from "./ledger.ts";
import { StreamMasker } from "./mask-stream.ts";
import { failClosed, LaneMaskers } from "./masked.ts";
import type { RecordedText, TokenCounter } from "./ports.ts";
import { unreadNote } from "./unread.ts";

/** So much of what an author said before is read again with the next message, UTF-16 code units: no pattern spans more (the masker's cap). */
const windowUnits = 8192;

/** What rules about prompts have seen of the stream so far. */
class PromptSoFar {
  readonly #obligations: Obligations;
  readonly #counter: TokenCounter;
  readonly #facts: Facts;
  readonly #windows = new Map<PromptText["author"], string>();
  #tokens = 0;

  constructor({ obligations, tokens: counter, opening, facts }: MoreInspection) {
    this.#obligations = obligations;
    this.#counter = counter;
    this.#facts = facts;
    if (this.#counts) this.#tokens = counter.count(opening.map(({ text }) => text));
    this.#remember(opening);
  }

  /** Throws `prompt_blocked`, or what asks for a person's yes. */
  check(texts: readonly PromptText[]): void {
    if (texts.length === 0) return;
    if (this.#counts) this.#tokens += this.#counter.count(texts.map(({ text }) => text));
    const tokens = (): number => this.#tokens;
    const seen = [...texts, ...this.#joined(texts)];
    checkPrompt(this.#obligations, seen, tokens);
    checkApprovals(this.#obligations, { prompt: seen, tokens, facts: this.#facts });
    this.#remember(texts);
  }

  get #counts(): boolean {
    return this.#obligations.promptTokens !== undefined || this.#obligations.approvals.length > 0;
  }

  /** The texts behind what their authors said before. As `data`: what must be denied is looked for, and nothing is allowed by it. */
  #joined(texts: readonly PromptText[]): readonly PromptText[] {
    return texts.flatMap(({ author, text }) => {
      const before = author === "assistant" ? "" : (this.#windows.get(author) ?? "");
      return before === "" ? [] : [{ author: "data", text: before + text } as const];
    });
  }

  #remember(texts: readonly PromptText[]): void {
    for (const { author, text } of texts) this.#windows.set(author, ((this.#windows.get(author) ?? "") + text).slice(-windowUnits));
  }
}

export interface MoreInspection {
  readonly obligations: Obligations;
  readonly facts: Facts;
  /** Throws `access_denied` for a model that a later message may not ask for. */
  readonly checkModel: (model: string) => void;
  /** What the stream's first message said. */
  readonly opening: readonly PromptText[];
  readonly tokens: TokenCounter;
  readonly ledger: Ledger;
}

/** Collects the masked texts of one batch. */
class Collected {
  texts: RecordedText[] = [];

  take(): readonly RecordedText[] {
    const { texts } = this;
    this.texts = [];
    return texts;
  }
}

/** The later messages of a request stream as the upstream may have them. Throws `prompt_blocked`, `content_unreadable`, `masking_failed`, `recording_failed`. */
export async function* inspectMore<Q>({ batches, codec }: MoreMessages<Q>, inspection: MoreInspection): Batches<Q> {
  const { obligations, checkModel, ledger } = inspection;
  const rules = requestRules(obligations, ledger);
  const collected = new Collected();
  const lanes = new LaneMaskers(rules, { piece: (lane, author, text) => collected.texts.push({ path: [lane], author, text }) });
  const masker = new StreamMasker(codec, { lanes, mustRead: false });
  const so = new PromptSoFar(inspection);
  let last: Q | undefined;
  for await (const batch of batches) {
    const out: Q[] = [];
    for (const message of batch) {
      checkMessage(message, { codec, obligations, checkModel, so });
      failClosed(() => masker.push(message, out));
      const note = rules.record === undefined ? undefined : unreadNote(codec, message);
      if (note !== undefined) collected.texts.push({ path: [], author: "data", text: note });
    }
    last = batch.at(-1);
    await ledger.asked(collected.take());
    if (out.length > 0) yield out;
  }
  const rest: Q[] = [];
  if (last !== undefined) failClosed(() => masker.flush(last, rest));
  await ledger.asked(collected.take());
  if (rest.length > 0) yield rest;
}

interface MessageChecks<Q> {
  readonly codec: StreamCodec<Q>;
  readonly obligations: Obligations;
  readonly checkModel: (model: string) => void;
  readonly so: PromptSoFar;
}

const checkMessage = <Q>(message: Q, { codec, obligations, checkModel, so }: MessageChecks<Q>): void => {
  for (const model of codec.models?.(message) ?? []) checkModel(model);
  checkReadable(obligations, codec, message);
  const { prompts, promptTokens, approvals } = obligations;
  if (prompts === undefined && promptTokens === undefined && approvals.length === 0) return;
  so.check(promptOf(codec, message, codec.spans(message)));
};
