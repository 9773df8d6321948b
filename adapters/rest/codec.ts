/** How the core sees REST messages. */

import { walkJson } from "../../src/envelope/json/index.ts";
import type { StreamCodec, TextCodec } from "../../src/envelope/message.ts";
import type { Lane, Reading, TextSpan } from "../../src/envelope/text.ts";
import { UniqueKeys } from "../shared/unique-keys.ts";
import { type CallWriting, callsIn } from "./calls.ts";
import { isText, type Part, type RestMessage, type TextPart, write } from "./message.ts";

const addSpans = (parts: readonly Part[], spans: TextSpan[]): void => {
  for (const part of parts) {
    if (!isText(part)) continue;
    const { lane, author, syntax, path, text, writing } = part;
    // A rule by key names the value that stands below it, not the key.
    spans.push({ lane, author, syntax, path, text, keyed: writing !== "key" });
  }
};

const spansOf = ({ path, query, headers, body }: RestMessage): TextSpan[] => {
  const spans: TextSpan[] = [];
  addSpans(path, spans);
  addSpans(query, spans);
  addSpans(headers, spans);
  addSpans(body, spans);
  return spans;
};

const keysOf = (parts: readonly Part[]): UniqueKeys =>
  new UniqueKeys(parts.flatMap((part) => (isText(part) && part.writing === "key" ? [{ key: part.text }] : [])));

/** Writes changed texts into parts. `next` counts through the spans of the whole message. */
class Rewriting {
  readonly #texts: readonly string[];
  #next = 0;

  constructor(texts: readonly string[]) {
    this.#texts = texts;
  }

  /** The very same list when none of its texts differs. */
  parts<P extends Part>(parts: readonly P[]): readonly P[] {
    let changed: P[] | undefined;
    let keys: UniqueKeys | undefined;
    for (let index = 0; index < parts.length; index++) {
      const part = parts[index];
      if (part === undefined || !isText(part)) continue;
      const text = this.#texts[this.#next++] ?? "";
      if (text === part.text) continue;
      changed ??= [...parts];
      if (part.writing === "key") keys ??= keysOf(parts);
      const raw = write(part.writing, keys !== undefined && part.writing === "key" ? keys.unique({ key: text }) : text);
      changed[index] = Object.assign({}, part, { text, raw });
    }
    return changed ?? parts;
  }
}

const rewrite = (message: RestMessage, texts: readonly string[]): RestMessage => {
  const rewriting = new Rewriting(texts);
  const path = rewriting.parts(message.path);
  const query = rewriting.parts(message.query);
  const headers = rewriting.parts(message.headers);
  const body = rewriting.parts(message.body);
  if (path === message.path && query === message.query && headers === message.headers && body === message.body) return message;
  return { ...message, path, query, headers, body, whole: body === message.body ? message.whole : undefined };
};

/** The strings of a JSON text: its values, and after them its keys, so that words which one value breaks off and the next goes on with stand together. */
const stringsOf = (json: string): string | undefined => {
  let values = "";
  let keys = "";
  try {
    walkJson(json, {
      value: (at) => {
        if (at.kind === "string") values += `${at.string()}\n`;
      },
      key: (at) => {
        keys += `${at.string()}\n`;
      },
    });
  } catch {
    return undefined;
  }
  return values + keys;
};

/** What a JSON lane says: one JSON text, or one on each line; what is neither is read as it is written. */
const saidBy = (text: string): string =>
  stringsOf(text) ??
  text
    .split("\n")
    .map((line) => stringsOf(line) ?? `${line}\n`)
    .join("");

const readingOf = ({ author, syntax, text }: TextPart): Reading => ({ author, text: syntax === "json" ? saidBy(text) : `${text}\n` });

/** The texts as rules about prompts read them, each ended by a line feed: neighbours are words apart, and white space counts as one. */
const readingsOf = ({ query, headers, body }: RestMessage): Reading[] =>
  [...query, ...headers, ...body].filter((part) => isText(part)).map(readingOf);

/** Whole messages: requests, and answers that nobody asks for the tools that they call. */
export const restCodec: TextCodec<RestMessage> = {
  spans: spansOf,
  rewrite,
  closes: ({ closings }) => closings,
  visibility: ({ visibility }) => visibility,
  readings: readingsOf,
  unread: ({ unread }) => unread,
  usage: () => undefined,
  // An answer's headers are data.
  isOutput: ({ author }) => author !== "data",
};

/** {@link restCodec} for a whole answer, whose calls of tools are told: for one answer. */
export const answerCodec = (writing: CallWriting): TextCodec<RestMessage> => ({ ...restCodec, calls: callsIn(writing) });

/** Messages of a stream. `carry` writes held text the way the stream writes text; `writing` as in {@link answerCodec}. REST has no message that says the end: the body's own end waits for the record. */
export const streamCodec = (carry: (lane: Lane, text: string) => RestMessage, writing: CallWriting): StreamCodec<RestMessage> => ({
  ...restCodec,
  calls: callsIn(writing),
  carry: (lane, text) => carry(lane, text),
  onlyText: ({ onlyText }) => onlyText,
  ends: () => false,
});
