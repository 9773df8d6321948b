/** Texts as parts of messages, and bodies of one part. */

import { createHash } from "node:crypto";
import type { Unread } from "../../src/envelope/message.ts";
import { type Author, lane, type Syntax } from "../../src/envelope/text.ts";
import { emptyMessage, type RestMessage, type TextPart, type Writing } from "./message.ts";
import { splitMark } from "./utf8.ts";

export interface PartOptions {
  readonly author: Author;
  readonly path: readonly (string | number)[];
  readonly writing?: Writing;
  readonly syntax?: Syntax;
  /** The lane's name, where texts may have their paths in common. */
  readonly lane?: string;
  /** What the text spells, where its writing is not the text itself. */
  readonly text?: string;
}

const segment = (part: string | number): string => String(part).replaceAll(".", "\\.");

/** A text that is alone on its lane, which is named after its path unless it is told. */
export const partOf = (raw: string, options: PartOptions): TextPart => {
  const { author, path, writing = "bare", syntax = "plain", text = raw } = options;
  return { lane: lane(options.lane ?? path.map(segment).join(".")), author, syntax, path, writing, text, raw };
};

/** The lane of a body that is one text, whole or in pieces. */
export const bodyLane = lane("body");

/** A body that is one text. */
export const textBody = (text: string, author: Author, syntax: Syntax): RestMessage => {
  const [mark, raw] = splitMark(text);
  const part: TextPart = { lane: bodyLane, author, syntax, path: [], writing: "bare", text: raw, raw };
  return { ...emptyMessage, body: mark === "" ? [part] : [mark, part], whole: text };
};

/** Digest and length of bytes that are not read. */
export const unreadOf = (parts: readonly Buffer[]): Unread => {
  const hash = createHash("sha256");
  let bytes = 0;
  for (const part of parts) {
    hash.update(part);
    bytes += part.length;
  }
  return { sha256: hash.digest("hex"), bytes };
};

/** A body that nobody can read. */
export const opaqueBody = (bytes: Buffer): RestMessage => ({
  ...emptyMessage,
  body: [bytes],
  whole: bytes,
  visibility: "none",
  unread: unreadOf([bytes]),
});
