/** Thinking in requests that nobody vouches for any more: the API refuses such blocks, and does without them (ARCHITECTURE.md 2.6). */

import { type FoundField, locate } from "../shared/locate.ts";
import { field, type PlaceTable, placeTable } from "../shared/place.ts";

const places: PlaceTable = placeTable({
  messages: field("messages"),
  "messages.*": field("message"),
  "messages.*.content": field("content"),
  "messages.*.content.*": field("block"),
  "messages.*.content.*.type": field("type"),
  "messages.*.content.*.signature": field("seal"),
  "messages.*.content.*.data": field("seal"),
});

/** The blocks meant, as `MESSAGE.BLOCK`. */
export type BlockKeys = ReadonlySet<string>;

/** The key of the block that a path leads into; undefined for a path that leads into none. */
export const blockKey = (path: readonly (string | number)[]): string | undefined =>
  path[0] === "messages" && path[2] === "content" && typeof path[3] === "number" ? `${path[1]}.${path[3]}` : undefined;

const isThinking = (type: unknown): boolean => type === "thinking" || type === "redacted_thinking";

const keysOf = (fields: readonly FoundField[], wanted: (field: FoundField) => boolean): Set<string> =>
  new Set(fields.filter(wanted).map(({ path }) => blockKey(path) ?? ""));

/** What of a message's list of blocks stays. */
interface Kept {
  readonly content: FoundField;
  readonly blocks: readonly string[];
}

const slice = (json: string, { start, end }: FoundField): string => json.slice(start, end);

/** The lists of blocks that lose one, by the index of their message. */
const keptBlocks = (json: string, fields: readonly FoundField[], dropped: BlockKeys): Map<unknown, Kept> => {
  const lists = new Map<unknown, Kept>();
  for (const content of fields.filter(({ name, kind }) => name === "content" && kind === "array")) {
    const blocks = fields.filter(({ name, path }) => name === "block" && path[1] === content.path[1]);
    const stay = blocks.filter(({ path }) => !dropped.has(blockKey(path) ?? ""));
    if (stay.length < blocks.length) lists.set(content.path[1], { content, blocks: stay.map((block) => slice(json, block)) });
  }
  return lists;
};

/** A message with the blocks that stay; undefined when none does: the API takes no message without content. */
const messageOf = (json: string, message: FoundField, kept: Kept | undefined): string | undefined => {
  if (kept === undefined) return slice(json, message);
  if (kept.blocks.length === 0) return undefined;
  const { start, end } = kept.content;
  return `${json.slice(message.start, start)}[${kept.blocks.join(",")}]${json.slice(end, message.end)}`;
};

/** Which thinking goes. */
export interface Unvouched {
  /** Blocks whose words were changed on their way. */
  readonly broken: BlockKeys;
  /** Whether blocks without a signature go too. */
  readonly unsigned: boolean;
}

/** The request without thinking that nobody vouches for; itself where there is none. */
export const withoutUnvouched = (json: string, { broken, unsigned }: Unvouched): string => {
  const { fields } = locate(json, { table: places });
  const thinking = keysOf(fields, ({ name, value }) => name === "type" && isThinking(value));
  const signed = keysOf(fields, ({ name, value }) => name === "seal" && typeof value === "string" && value !== "");
  const dropped = new Set([...thinking].filter((key) => broken.has(key) || (unsigned && !signed.has(key))));
  const list = fields.find(({ name }) => name === "messages");
  if (dropped.size === 0 || list === undefined) return json;
  const kept = keptBlocks(json, fields, dropped);
  const messages = fields.filter(({ name }) => name === "message").map((message) => messageOf(json, message, kept.get(message.path[1])));
  const staying = messages.filter((message) => message !== undefined);
  return `${json.slice(0, list.start)}[${staying.join(",")}]${json.slice(list.end)}`;
};
