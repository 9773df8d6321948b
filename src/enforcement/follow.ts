/** Stages 8 and 9: the answer is masked, followed by the record, and handed to the writer. No record, no answer. */

import type { Obligations } from "../../policy/obligations.ts";
import { GatewayError } from "../envelope/error.ts";
import type { Answer, Served } from "../envelope/exchange.ts";
import type { StreamCodec, TextCodec, TokenUsage } from "../envelope/message.ts";
import type { TextSpan } from "../envelope/text.ts";
import type { Ledger } from "./ledger.ts";
import { maskStream } from "./mask-stream.ts";
import { failClosed, LaneMaskers, type LaneRules, maskSpans, type PieceSink, type WholeTexts } from "./masked.ts";
import { type OutputBound, OutputMeter } from "./output-limit.ts";
import type { Standing } from "./standing.ts";
import { checkCalled, withoutForeignCalls } from "./tools.ts";
import { unreadLane, unreadNote } from "./unread.ts";

type Unbranded<A> =
  | Pick<Extract<Served<A>, { kind: "message" }>, "kind" | "head" | "message">
  | Pick<Extract<Served<A>, { kind: "stream" }>, "kind" | "head" | "batches">;

/** Puts the brand of {@link Served} on an answer that has been masked and recorded. INVARIANT: called in this file only. */
const served = <A>(answer: Unbranded<A>): Served<A> => answer as Served<A>;

const rulesFor = (obligations: Obligations, ledger: Ledger): LaneRules => ({
  reader: obligations.maskResponse,
  found: ledger.found("response"),
  record: obligations.record.response === "masked" ? obligations.recordResponse : undefined,
  watch: obligations.observed?.answers && {
    program: obligations.observed.answers,
    met: (rule) => ledger.noted(`It would be blocked by ${rule}.`),
  },
});

/** Whether an answer that the gateway cannot read must be refused. */
const mustRead = (obligations: Obligations): boolean => obligations.maskResponse !== undefined && obligations.onUnmaskable === "refuse";

/** Records digest and length of what could not be read. */
const noteUnread = <A>(codec: TextCodec<A>, messages: readonly A[], { record }: LaneRules, sink: PieceSink): void => {
  if (record === undefined || codec.unread === undefined) return;
  for (const message of messages) {
    const note = unreadNote(codec, message);
    if (note !== undefined) sink.piece(unreadLane, "data", note);
  }
};

/** Counts what the answer says, each text once however often the API tells it, where a limit of tokens is about the call. */
const meter = <A>(codec: TextCodec<A>, messages: readonly A[], { metered }: Ledger): void => {
  if (metered === undefined) return;
  for (const message of messages) {
    const said = codec.spans(message).filter((span) => codec.isOutput?.(span) !== false);
    metered.answered(said.map(({ text }) => text));
  }
};

type MessageAnswer<A> = Extract<Answer<A>, { kind: "message" }>;
type StreamAnswer<A> = Extract<Answer<A>, { kind: "stream" }>;

/** A whole answer's texts as far as they may be said, and the spans that were cut. */
interface BoundTexts extends WholeTexts {
  readonly cut: readonly TextSpan[];
  /** What stops the call where its protocol has no word for that. */
  readonly stop: GatewayError | undefined;
}

const firstErrorStatus = 400;

/** Cuts a whole answer's texts where there is enough. An upstream's error is none that a model generated. */
const boundTexts = <A>({ codec, head, message }: MessageAnswer<A>, output: OutputBound | undefined): BoundTexts => {
  const spans = codec.spans(message);
  const closings = codec.closes(message);
  if (output === undefined || head.status >= firstErrorStatus) return { spans, closings, cut: [], stop: undefined };
  const counted = new OutputMeter(output);
  const bound = spans.map((span) => counted.bound(span, codec));
  const cut = spans.filter((span, index) => span !== bound[index]);
  return { spans: bound, closings: [...closings, ...cut.map(({ lane }) => ({ lane, complete: false }))], cut, stop: counted.stop };
};

const followMessage = async <A>(answer: MessageAnswer<A>, obligations: Obligations, { ledger, output }: Followed): Promise<Served<A>> => {
  const { codec, head, message } = answer;
  if (mustRead(obligations) && codec.visibility(message) === "none") throw new GatewayError("content_unreadable");
  const rules = rulesFor(obligations, ledger);
  checkCalled(obligations, codec, message);
  const sink = ledger.answer(head.status, obligations.record.response);
  if (rules.reader === undefined && rules.record === undefined && rules.watch === undefined && output === undefined) {
    meter(codec, [message], ledger);
    await ledger.answered(head.status, codec.usage(message));
    return served<A>({ kind: "message", head, message });
  }
  const whole = boundTexts(answer, output);
  const masked = failClosed(() =>
    codec.rewrite(
      message,
      maskSpans(whole, rules, ({ lane, author }, text) => sink.piece(lane, author, text)),
    ),
  );
  meter(codec, [message], ledger);
  noteUnread(codec, [message], rules, sink);
  const shown = whole.cut.length === 0 ? masked : codec.atLimit?.(masked, whole.cut);
  if (shown === undefined) throw whole.stop;
  await ledger.answered(head.status, codec.usage(message));
  return served<A>({ kind: "message", head, message: shown });
};

const latestUsage = <A>(batch: readonly A[], codec: StreamCodec<A>, before: TokenUsage | undefined): TokenUsage | undefined => {
  let usage = before;
  for (const message of batch) usage = codec.usage(message) ?? usage;
  return usage;
};

/** Passes masked batches on, and holds the message that tells the caller the call has ended until everything before it is durable. */
async function* followStream<A>(
  answer: StreamAnswer<A>,
  obligations: Obligations,
  { ledger, standing, output }: Followed,
): AsyncGenerator<readonly A[]> {
  const { codec, head } = answer;
  const rules = rulesFor(obligations, ledger);
  const sink = ledger.answer(head.status, obligations.record.response);
  const streamRules = {
    lanes: new LaneMaskers(rules, sink),
    mustRead: mustRead(obligations),
    output: output && new OutputMeter(output),
  };
  let usage: TokenUsage | undefined;
  try {
    const calls = withoutForeignCalls(obligations, codec, answer.batches);
    for await (const batch of standing.batches(maskStream(calls, codec, streamRules))) {
      usage = latestUsage(batch, codec, usage);
      noteUnread(codec, batch, rules, sink);
      meter(codec, batch, ledger);
      const end = batch.findIndex((message) => codec.ends(message));
      if (end < 0) {
        yield batch;
        continue;
      }
      if (end > 0) yield batch.slice(0, end);
      await ledger.answered(head.status, usage);
      yield batch.slice(end);
    }
    await ledger.answered(head.status, usage);
  } catch (thrown) {
    throw await ledger.fail(GatewayError.from(thrown), usage);
  } finally {
    standing.end();
    await ledger.left(usage);
  }
}

/** What follows an answer: its record, and its caller's standing. */
export interface Followed {
  readonly ledger: Ledger;
  readonly standing: Standing;
  /** undefined: the answer may be of any length. */
  readonly output: OutputBound | undefined;
}

/**
 * The answer as its caller may have it. A stream's record goes on while the writer reads it; leaving it early is recorded as `cancelled`, and
 * taking access away cuts it.
 */
export const follow = async <A>(answer: Answer<A>, obligations: Obligations, followed: Followed): Promise<Served<A>> => {
  if (answer.kind === "stream")
    return served<A>({ kind: "stream", head: answer.head, batches: followStream(answer, obligations, followed) });
  followed.standing.end();
  return followMessage(answer, obligations, followed);
};
