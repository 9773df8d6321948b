/** An event of our own that says what was still held of a text. */

import { type Carrier, isProtocolWord } from "../../shared/events/index.ts";
import type { FramedMessage } from "../../shared/frame.ts";
import type { Saying } from "./lanes.ts";

/** Members that every delta of a text has, in the order in which the API writes them. */
const members = ["item_id", "output_index", "content_index", "summary_index"] as const;

/** The number of the event that follows; events of ours share it, for upstreams count theirs on. */
const sequenceNumber = ({ frame, raws }: FramedMessage): string => {
  const at = frame.slots.findIndex(({ shown, form, path }) => !shown && form === "number" && path[0] === "sequence_number");
  return at < 0 ? "" : `"sequence_number":${raws[at] ?? "0"},`;
};

/** INVARIANT: a string that could not pass unread is left out, for nobody walks it again. */
const memberOf = ({ fields }: Saying, name: string, passes: (text: string) => boolean): string => {
  const value = fields.find((found) => found.name === name && found.path.length === 1)?.value;
  if (typeof value === "number") return `"${name}":${value},`;
  return typeof value === "string" && isProtocolWord(value) && passes(value) ? `"${name}":"${value}",` : "";
};

/** The event around a text's rest: like the delta that said the text last, and numbered as `like`, before which it comes. */
export const carrierOf = (saying: Saying, like: FramedMessage, passes: (text: string) => boolean): Carrier => {
  const { type, kind, item } = saying;
  const told = members.map((name) => memberOf(saying, name, passes)).join("");
  const inContent = kind === "content" || kind === "refusal";
  const part = inContent && !told.includes('"content_index"') ? '"content_index":0,' : "";
  const summary = kind === "summary" && !told.includes('"summary_index"') ? '"summary_index":0,' : "";
  const place = item !== undefined && !told.includes('"output_index"') ? `"output_index":${item},` : "";
  const logprobs = type === "response.output_text.delta" ? ',"logprobs":[]' : "";
  return {
    before: `event: ${type}\ndata: {"type":"${type}",${sequenceNumber(like)}${told}${place}${part}${summary}"delta":"`,
    after: `"${logprobs}}\n\n`,
    author: inContent || kind === "summary" || kind === "transcript" ? "assistant" : "tool-input",
    syntax: kind === "arguments" ? "json" : "plain",
  };
};
