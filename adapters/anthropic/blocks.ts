/** Where text stands in content blocks, whatever kind they are of, and in the blocks nested in them. What is not named here is walked as data. */

import type { Author } from "../../src/envelope/text.ts";
import { field, jsonValue, type Place, sealed, text, token } from "../shared/place.ts";

export type Places = Record<string, Place>;

/** Gives one place to several names below a path. */
export const named = (prefix: string, names: readonly string[], place: Place): Places =>
  Object.fromEntries(names.map((name) => [`${prefix}${name}`, place]));

const depthOf = (path: string): number => path.split(".").length;

/** Places of text below a path, each a lane of its own. */
export const voiced = (prefix: string, names: readonly string[], author: Author): Places =>
  Object.fromEntries(names.map((name) => [`${prefix}${name}`, text(author, { depth: depthOf(prefix + name) })]));

/** How the blocks of one message are read. */
export interface BlockVoices {
  /** Who wrote the message's own words. In requests the message's role overrules it. */
  readonly own: Author;
  /** What signs thinking, and thinking that only the API can read. */
  readonly seal: Place;
  /** The data of a document, which may be text or base64; absent: text (`document.ts` takes out what a request says is base64). */
  readonly payload?: Place;
}

/** A text block's citation, wherever it stands. */
export const citationPlaces = (at: string): Places => ({
  ...named(`${at}.`, ["type", "file_id"], token),
  ...voiced(`${at}.`, ["cited_text", "document_title", "title", "url", "source"], "tool-output"),
  [`${at}.encrypted_index`]: sealed,
});

/** A text block, where no other kind may stand. */
export const textBlockPlaces = (at: string, author: Author): Places => ({
  [`${at}.type`]: field("block"),
  ...voiced(`${at}.`, ["text"], author),
  ...named(`${at}.`, ["cache_control.type", "cache_control.ttl"], token),
  ...citationPlaces(`${at}.citations.*`),
});

/** A tool as a request defines it. Its schema is walked, key by key. */
export const toolPlaces = (at: string): Places => ({
  [`${at}.type`]: field("tool"),
  ...voiced(`${at}.`, ["name", "description"], "system"),
  ...named(
    `${at}.`,
    ["cache_control.type", "cache_control.ttl", "allowed_callers.*", "mcp_server_name", "model", "response_inclusion"],
    token,
  ),
  [`${at}.input_schema.type`]: token,
});

/** Who asked for a tool, and what a client may cache. */
const bookkeeping = (at: string): Places =>
  named(
    `${at}.`,
    [
      "id",
      "tool_use_id",
      "caller.type",
      "caller.tool_id",
      "cache_control.type",
      "cache_control.ttl",
      "server_name",
      "toolset_name",
      "mcp_server_name",
    ],
    token,
  );

/** Images and documents. `source` is a string in search results. */
const sourcePlaces = (at: string, author: Author, { payload }: BlockVoices): Places => ({
  [`${at}.source.type`]: field("source"),
  [`${at}.source.media_type`]: token,
  [`${at}.source.file_id`]: field("file_id"),
  [`${at}.file_id`]: field("file_id"),
  [`${at}.transformations.oversized_image`]: token,
  ...voiced(`${at}.`, ["source", "source.data", "source.url", "source.content", "title", "context"], author),
  ...(payload === undefined ? {} : { [`${at}.source.data`]: payload }),
});

const callPlaces = (at: string): Places => ({
  ...voiced(`${at}.`, ["name"], "tool-input"),
  [`${at}.input`]: jsonValue("tool-input", depthOf(`${at}.input`)),
});

/** What tools answered: the caller's own, and those that the API runs. */
const resultPlaces = (at: string): Places => ({
  ...voiced(
    `${at}.`,
    ["stdout", "stderr", "url", "page_age", "error_message", "tool_name", "lines.*", "tool_references.*.tool_name"],
    "tool-output",
  ),
  ...voiced(`${at}.`, ["tabs.*.title", "tabs.*.url"], "tool-output"),
  ...named(`${at}.`, ["error_code", "file_type", "retrieved_at", "tool_references.*.type", "tabs.*.tab_id", "stop_reason"], token),
  ...named(`${at}.`, ["encrypted_stdout", "encrypted_content"], sealed),
});

const thinkingPlaces = (at: string, { seal }: BlockVoices): Places => ({
  ...voiced(`${at}.`, ["thinking"], "assistant"),
  ...named(`${at}.`, ["signature", "data"], seal),
});

/** Which model took over from which, and which tools came and went. */
const changePlaces = (at: string): Places => ({
  ...named(`${at}.`, ["from.model", "to.model", "trigger.type", "trigger.category"], token),
  ...named(
    `${at}.`,
    ["tool.type", "tool.server_name", "tool_changes.*.type", "tool_changes.*.tool.type", "tool_changes.*.tool.server_name"],
    token,
  ),
  ...voiced(`${at}.`, ["tool.name", "tool_changes.*.tool.name"], "system"),
  ...toolPlaces(`${at}.tool.definition`),
  ...toolPlaces(`${at}.tool_changes.*.tool.definition`),
  ...toolPlaces(`${at}.tools.*`),
});

/** Every field of a block of any kind at one path. `author` wrote its words. */
const blockPlaces = (at: string, author: Author, voices: BlockVoices): Places => ({
  [`${at}.type`]: field("block"),
  ...voiced(`${at}.`, ["text"], author),
  ...voiced(`${at}.`, ["content"], "tool-output"),
  ...citationPlaces(`${at}.citations.*`),
  ...bookkeeping(at),
  ...sourcePlaces(at, author, voices),
  ...callPlaces(at),
  ...resultPlaces(at),
  ...thinkingPlaces(at, voices),
  ...changePlaces(at),
});

/**
 * The blocks at `at` (`content.*`) and those nested in them: what a tool answered, as blocks or as one object; the texts of a search result in it; the
 * document that a fetch brought; and the parts that a document is made of.
 */
export const blockTree = (at: string, voices: BlockVoices): Places => ({
  ...blockPlaces(at, voices.own, voices),
  ...blockPlaces(`${at}.source.content.*`, voices.own, voices),
  ...blockPlaces(`${at}.content`, "tool-output", voices),
  ...blockPlaces(`${at}.content.*`, "tool-output", voices),
  ...blockPlaces(`${at}.content.*.content.*`, "tool-output", voices),
  ...blockPlaces(`${at}.content.*.source.content.*`, "tool-output", voices),
  ...blockPlaces(`${at}.content.content`, "tool-output", voices),
  ...blockPlaces(`${at}.content.content.source.content.*`, "tool-output", voices),
});
