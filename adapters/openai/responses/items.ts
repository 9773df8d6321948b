/** Where text stands in the items of the Responses API, whatever kind they are of: input, output, history. What is not named here is walked as data. */

import type { Author } from "../../../src/envelope/text.ts";
import { echo, field, media, type Place, text, token } from "../../shared/place.ts";

export type Places = Record<string, Place>;

/** Gives one place to several names below a path. */
export const named = (prefix: string, names: readonly string[], place: Place): Places =>
  Object.fromEntries(names.map((name) => [prefix + name, place]));

const depthOf = (path: string): number => path.split(".").length;

/** Texts below a path, each a lane of its own. */
export const voiced = (prefix: string, names: readonly string[], author: Author): Places =>
  Object.fromEntries(names.map((name) => [prefix + name, text(author, { depth: depthOf(prefix + name) })]));

/** How the items at one place are read. */
export interface ItemVoices {
  /** Who wrote a message's own words; where a role stands beside them it overrules this. */
  readonly own: Author;
  /** What stands for values that only the API can read. */
  readonly sealed: Place;
  /** Whether the item's texts run on in later events. */
  readonly scope: "message" | "stream";
}

/** The parts of one author's words at a path: one lane, whatever kind they are of. */
const partPlaces = (at: string, own: Place): Places => ({
  [at]: own,
  [`${at}.*.type`]: field("part"),
  [`${at}.*.text`]: own,
  [`${at}.*.refusal`]: own,
  [`${at}.*.transcript`]: own,
  [`${at}.*.logprobs`]: echo,
  [`${at}.*.image_url`]: media,
  [`${at}.*.image_url.url`]: media,
  [`${at}.*.detail`]: token,
  [`${at}.*.file_id`]: field("file_id"),
  [`${at}.*.file_data`]: media,
  ...voiced(`${at}.*.`, ["file_url", "filename"], "data"),
  [`${at}.*.data`]: media,
  [`${at}.*.input_audio.data`]: media,
  [`${at}.*.input_audio.format`]: token,
  [`${at}.*.annotations.*.type`]: token,
  ...named(`${at}.*.annotations.*.`, ["file_id", "container_id"], token),
  ...voiced(`${at}.*.annotations.*.`, ["title", "url", "filename"], "tool-output"),
});

/** What a model asks of tools, and what they answer. */
const toolPlaces = (at: string, { scope }: ItemVoices): Places => ({
  [`${at}.name`]: text("tool-input", { depth: depthOf(at) + 1 }),
  [`${at}.arguments`]: text("tool-input", { depth: depthOf(at) + 1, syntax: "json", scope }),
  [`${at}.input`]: text("tool-input", { depth: depthOf(at) + 1, scope }),
  [`${at}.code`]: text("tool-input", { depth: depthOf(at) + 1, scope }),
  ...partPlaces(`${at}.output`, text("tool-output", { depth: depthOf(at) + 1 })),
  [`${at}.output.type`]: token,
  [`${at}.output.image_url`]: media,
  [`${at}.output.file_id`]: token,
  [`${at}.output.*.outcome.type`]: token,
  ...voiced(`${at}.`, ["output.*.stdout", "output.*.stderr", "outputs.*.logs", "error", "error.message"], "tool-output"),
  [`${at}.outputs.*.type`]: token,
  [`${at}.outputs.*.url`]: media,
  [`${at}.result`]: media,
  ...voiced(`${at}.`, ["queries.*", "revised_prompt"], "tool-input"),
  ...voiced(`${at}.`, ["results.*.text", "results.*.filename"], "tool-output"),
  ...named(`${at}.results.*.`, ["file_id", "vector_store_id"], token),
  [`${at}.action.type`]: token,
  [`${at}.action.button`]: token,
  ...voiced(
    `${at}.action.`,
    ["query", "queries.*", "url", "pattern", "text", "command", "command.*", "commands.*", "working_directory"],
    "tool-input",
  ),
  [`${at}.actions.*.type`]: token,
  ...voiced(`${at}.actions.*.`, ["text"], "tool-input"),
  [`${at}.operation.type`]: token,
  ...voiced(`${at}.operation.`, ["diff", "path"], "tool-input"),
});

/** What an item says of itself. */
const bookkeeping = (at: string): Places => ({
  [`${at}.type`]: field("item"),
  [`${at}.role`]: field("role"),
  [`${at}.status`]: field("status"),
  [`${at}.id`]: field("item_id"),
  ...named(
    `${at}.`,
    [
      "object",
      "call_id",
      "phase",
      "container_id",
      "approval_request_id",
      "server_label",
      "execution",
      "created_by",
      "caller.type",
      "caller.caller_id",
    ],
    token,
  ),
  ...named(`${at}.`, ["background", "output_format", "quality", "size", "max_output_length", "pending_safety_checks.*.id"], token),
});

/** Every place of the items at a path (`output.*`), whatever their kind. */
export const itemPlaces = (at: string, voices: ItemVoices): Places => {
  const words = (name: string): Place => text(voices.own, { depth: depthOf(at) + name.split(".").length, scope: voices.scope });
  return {
    ...bookkeeping(at),
    ...partPlaces(`${at}.content`, words("content")),
    [`${at}.summary.*.type`]: token,
    [`${at}.summary.*.text`]: words("summary"),
    [`${at}.encrypted_content`]: voices.sealed,
    ...toolPlaces(at, voices),
  };
};

/** The parts of `response.content_part.*` and `response.reasoning_summary_part.*`. */
export const singlePartPlaces = (own: Place): Places => ({
  "part.type": field("part"),
  "part.text": own,
  "part.refusal": own,
  "part.transcript": own,
  "part.logprobs": echo,
  "part.annotations.*.type": token,
});

/** A tool as a request defines it or an answer repeats it: its schema is walked. */
export const toolDefinitionPlaces = (at: string): Places => ({
  [`${at}.type`]: field("tool"),
  ...voiced(`${at}.`, ["name", "description", "format.definition", "server_description", "server_url"], "system"),
  ...named(`${at}.`, ["strict", "format.type", "format.syntax", "server_label", "search_context_size", "require_approval"], token),
  ...named(`${at}.`, ["parameters.type", "parameters.additionalProperties", "connector_id", "defer_loading", "vector_store_ids.*"], token),
  ...named(
    `${at}.`,
    ["environment", "environment.type", "container", "container.type", "user_location.type", "ranking_options.ranker"],
    token,
  ),
  [`${at}.tools.*.type`]: field("tool"),
  ...voiced(`${at}.tools.*.`, ["name", "description"], "system"),
});
