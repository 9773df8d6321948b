/** Messages as Slack shows them (docs.slack.dev, incoming webhooks and "Formatting message text"). */

import type { Message } from "./outbox.ts";

/** A sentence is read at a glance; names of models and callers in it may be of any length. */
const mostCharacters = 1_000;

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** What stands in a sentence is shown and does nothing: a model's name is the caller's to choose, and could be a link or a mention of everybody. */
const inert = (sentence: string): string => {
  const cut = sentence.length <= mostCharacters ? sentence : `${sentence.slice(0, mostCharacters)}…`;
  return cut.replace(/[&<>]/g, (character) => entities[character] ?? "").replace(/\p{C}+/gu, " ");
};

/** The body of a post to an incoming webhook. `verbatim`: nothing that looks like an address or a name becomes a link, but for the message's own. */
export const slackBody = ({ sentence, link }: Message["payload"]): string => {
  const text = inert(sentence);
  const shown = link === undefined ? text : `${text}\n<${link}|Decide>`;
  return JSON.stringify({ text, blocks: [{ type: "section", text: { type: "mrkdwn", text: shown, verbatim: true } }] });
};
