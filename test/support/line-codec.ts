/** The smallest protocol there is: a message is one run of one lane's text, or the word that the call has ended. */

import type { StreamCodec } from "../../src/envelope/message.ts";
import { type Lane, lane } from "../../src/envelope/text.ts";

export interface Line {
  readonly lane: Lane;
  readonly text: string;
  /** The lane closes with this line; `cut` when generation was cut. */
  readonly closes?: "complete" | "cut";
  readonly end?: boolean;
}

export const line = (name: string, text: string, rest: Partial<Line> = {}): Line => ({ lane: lane(name), text, ...rest });

export const endLine: Line = { lane: lane(""), text: "", end: true };

export const lineCodec: StreamCodec<Line> = {
  spans: (message) =>
    message.end ? [] : [{ lane: message.lane, author: "assistant", syntax: "plain", path: [message.lane], text: message.text }],
  rewrite: (message, texts) => (texts[0] === undefined || texts[0] === message.text ? message : { ...message, text: texts[0] }),
  visibility: () => "whole",
  usage: () => undefined,
  closes: (message) => (message.closes === undefined ? [] : [{ lane: message.lane, complete: message.closes === "complete" }]),
  carry: (name, text) => ({ lane: name, text }),
  onlyText: (message) => message.closes === undefined && !message.end,
  ends: (message) => message.end === true,
};

/** What each lane of a stream spells. */
export const spelled = (lines: readonly Line[]): ReadonlyMap<Lane, string> => {
  const texts = new Map<Lane, string>();
  for (const { lane: name, text, end } of lines) if (!end) texts.set(name, (texts.get(name) ?? "") + text);
  return texts;
};
