/** Streams of the Messages API as no polite upstream would write them, and still valid. */

import fc from "fast-check";
import { type Block, eventOf, messageEvents } from "./anthropic-messages.ts";
import { piecesOf } from "./cuts.ts";

const words = fc.string({ unit: fc.constantFrom(...'abc "\\\n\u00e9😀<{:12-'), maxLength: 30 });

const text = fc.record({ type: fc.constant("text"), text: words });
const cited = fc.record({
  type: fc.constant("text"),
  text: words,
  citations: fc.array(fc.record({ type: fc.constant("char_location"), cited_text: words, document_title: fc.option(words) }), {
    maxLength: 2,
  }),
});
const thinking = fc.record({ type: fc.constant("thinking"), thinking: words, signature: fc.constantFrom("", "c2lnbmVk") });
const call = fc.record({
  type: fc.constantFrom("tool_use", "server_tool_use", "mcp_tool_use"),
  id: fc.constant("toolu_1"),
  name: words,
  input: fc.dictionary(words, words, { maxKeys: 3 }),
});
const result = fc.record({ type: fc.constant("bash_code_execution_tool_result"), content: fc.record({ stdout: words, stderr: words }) });
const unknown = fc.record({ type: fc.constant("hologram"), "k y": words, deep: fc.array(words, { maxLength: 2 }) });

/** Blocks of every way that text comes in, those that nobody knows among them. */
export const blocks: fc.Arbitrary<readonly Block[]> = fc.array(
  fc.oneof({ weight: 4, arbitrary: text }, cited, thinking, call, result, unknown),
  { maxLength: 5 },
);

/** Every letter of the values as an escape, so that equal texts have unequal spellings. */
const escaped = (event: string): string =>
  event.replace(/(?<=":")([a-c]+)/g, (run) => Array.from(run, (unit) => `\\u00${unit.charCodeAt(0).toString(16)}`).join(""));

/** What stands behind the last event is nobody's. */
const isLast = (event: string): boolean => event.includes("message_stop");

const followed = (event: string, more: string): string => (isLast(event) ? event : event + more);

const styles: readonly ((event: string) => string)[] = [
  (event) => event,
  (event) => event,
  (event) => event,
  escaped,
  (event) => event.replaceAll("\n", "\r\n"),
  (event) => event.replaceAll("\n", "\r"),
  (event) => `: a comment\n${event}`,
  (event) => `id: 7\nretry: 10\n${event}`,
  (event) => event.replace("data: {", "data:{"),
  (event) => event.replace("data: {", "data: {\ndata: "),
  (event) => followed(event, eventOf("ping")),
  (event) => followed(event, ": alone\n\n"),
  (event) => followed(event, eventOf("aurora", { colour: "green", n: 3 })),
];

/** Whole streams of one message, as their events. */
export const messageStreams: fc.Arbitrary<readonly string[]> = fc
  .tuple(
    blocks,
    fc.constantFrom("end_turn", "max_tokens", "tool_use"),
    fc.integer({ min: 1, max: 9 }),
    fc.array(fc.nat(), { minLength: 1 }),
  )
  .map(([content, stop_reason, length, picks]) =>
    messageEvents({ content, stop_reason }, (all) => piecesOf(all, length)).map((event, index) =>
      (styles[(picks[index % picks.length] ?? 0) % styles.length] ?? escaped)(event),
    ),
  );

const disorder = fc.oneof(
  fc
    .record({ index: fc.nat({ max: 2 }), content_block: fc.oneof(text, thinking, call, unknown) })
    .map((rest) => eventOf("content_block_start", rest)),
  fc
    .record({
      index: fc.nat({ max: 3 }),
      delta: fc.oneof(
        words.map((said) => ({ type: "text_delta", text: said })),
        words.map((said) => ({ type: "thinking_delta", thinking: said })),
        words.map((said) => ({ type: "input_json_delta", partial_json: said })),
        fc.constant({ type: "signature_delta", signature: "c2ln" }),
      ),
    })
    .map((rest) => eventOf("content_block_delta", rest)),
  fc.nat({ max: 3 }).map((index) => eventOf("content_block_stop", { index })),
  fc.constantFrom(
    eventOf("ping"),
    eventOf("message_delta", { delta: { stop_reason: "end_turn" } }),
    eventOf("content_block_stop"),
    eventOf("aurora"),
  ),
);

/** Events in any order: blocks begun twice, ended before they begin, deltas of none. */
export const disorderlyStreams: fc.Arbitrary<readonly string[]> = fc
  .array(disorder, { maxLength: 20 })
  .map((events) => [...events, eventOf("message_stop")]);
