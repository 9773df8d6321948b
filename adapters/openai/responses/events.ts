/**
 * The events of a Responses stream, as data: for each type where its text stands, which lane of its item says or repeats it, and what it ends.
 *
 * A text comes up to five times: in deltas, in the event that says the text is done, in its part, in its item, and in the terminal response. The
 * deltas of an item's texts of one kind are one lane; so are the copies in `.done` events, and those in parts. Items and responses are whole messages.
 */

import type { EventTable } from "../../shared/events/index.ts";
import { field, media, noise, type Place, placeTable, text, token } from "../../shared/place.ts";
import { itemPlaces, named, type Places, singlePartPlaces } from "./items.ts";
import { answerVoices, responsePlaces } from "./places.ts";

/** The texts that an item has: words (or reasoning) in parts, refusals in parts, a summary in parts, what a tool is asked. `transcript` is the stream's own. */
export type TextKind = "content" | "refusal" | "summary" | "arguments" | "input" | "code" | "transcript";

/** What an event has to do with the lanes of its item. */
export type Role =
  /** Its text is the next piece of the text. */
  | "says"
  /** It begins a text, and may bring its first piece. */
  | "begins"
  /** It repeats what has been said of the text, which may have ended. */
  | "repeats"
  /** The same, of a part. */
  | "repeats-part"
  /** Its item has ended. */
  | "ends-item"
  /** The response has ended. */
  | "ends-response"
  /** None of these. */
  | "tells";

export interface ResponseEvent extends EventTable {
  readonly role: Role;
  /** undefined where the role is about no text in particular. */
  readonly kind: TextKind | undefined;
}

const heading: Places = {
  type: token,
  sequence_number: noise,
  obfuscation: noise,
  item_id: field("item_id"),
  output_index: field("output_index"),
  content_index: field("content_index"),
  summary_index: field("summary_index"),
  annotation_index: token,
  partial_image_index: token,
  response_id: token,
  logprobs: { kind: "echo" },
};

const event = (role: Role, places: Places, kind?: TextKind): ResponseEvent => ({
  places: placeTable({ ...heading, ...places }),
  numbers: false,
  ends: role === "ends-response",
  role,
  kind,
});

const isJson = (kind: TextKind): boolean => kind === "arguments";
const isCall = (kind: TextKind): boolean => kind === "arguments" || kind === "input" || kind === "code";

const running = (kind: TextKind): Place =>
  text(isCall(kind) ? "tool-input" : "assistant", { depth: 1, syntax: isJson(kind) ? "json" : "plain", scope: "stream" });

/** A text that comes in deltas and is then repeated under `member`. */
const spoken = (name: string, kind: TextKind, member: string): Readonly<Record<string, ResponseEvent>> => ({
  [`response.${name}.delta`]: event("says", { delta: running(kind) }, kind),
  [`response.${name}.done`]: event("repeats", { [member]: running(kind), name: text("tool-input", { depth: 1 }) }, kind),
});

const parts = (name: string, kind: TextKind): Readonly<Record<string, ResponseEvent>> => ({
  [`response.${name}.added`]: event("begins", singlePartPlaces(running(kind)), kind),
  [`response.${name}.done`]: event("repeats-part", { ...singlePartPlaces(running(kind)), status: token }, kind),
});

/** Events that tell how far a tool has come. */
const progress = (tool: string, states: readonly string[]): Readonly<Record<string, ResponseEvent>> =>
  Object.fromEntries(states.map((state) => [`response.${tool}.${state}`, event("tells", {})]));

const snapshots = (states: readonly string[], role: Role): Readonly<Record<string, ResponseEvent>> =>
  Object.fromEntries(states.map((state) => [`response.${state}`, event(role, responsePlaces("response."))]));

/** Every event type of the API's description, by its name. */
export const responseEvents: Readonly<Record<string, ResponseEvent>> = {
  ...snapshots(["created", "queued", "in_progress"], "tells"),
  ...snapshots(["completed", "incomplete", "failed", "cancelled"], "ends-response"),
  "response.output_item.added": event("begins", itemPlaces("item", { ...answerVoices, scope: "stream" })),
  "response.output_item.done": event("ends-item", itemPlaces("item", answerVoices)),
  ...parts("content_part", "content"),
  ...parts("reasoning_summary_part", "summary"),
  ...spoken("output_text", "content", "text"),
  ...spoken("refusal", "refusal", "refusal"),
  ...spoken("reasoning_text", "content", "text"),
  ...spoken("reasoning_summary_text", "summary", "text"),
  ...spoken("reasoning_summary", "summary", "text"),
  ...spoken("reasoning", "content", "text"),
  ...spoken("function_call_arguments", "arguments", "arguments"),
  ...spoken("mcp_call_arguments", "arguments", "arguments"),
  ...spoken("custom_tool_call_input", "input", "input"),
  ...spoken("code_interpreter_call_code", "code", "code"),
  ...spoken("audio.transcript", "transcript", "transcript"),
  "response.output_text.annotation.added": event("tells", {
    "annotation.type": token,
    ...named("annotation.", ["file_id", "container_id"], token),
    ...Object.fromEntries(["title", "url", "filename"].map((name) => [`annotation.${name}`, text("tool-output", { depth: 2 })])),
  }),
  "response.audio.delta": event("tells", { delta: media }),
  "response.audio.done": event("tells", {}),
  "response.image_generation_call.partial_image": event("tells", {
    partial_image_b64: media,
    ...named("", ["background", "output_format", "quality", "size"], token),
  }),
  ...progress("image_generation_call", ["in_progress", "generating", "completed"]),
  ...progress("code_interpreter_call", ["in_progress", "interpreting", "completed"]),
  ...progress("file_search_call", ["in_progress", "searching", "completed"]),
  ...progress("web_search_call", ["in_progress", "searching", "completed"]),
  ...progress("mcp_call", ["in_progress", "completed", "failed"]),
  ...progress("mcp_list_tools", ["in_progress", "completed", "failed"]),
  keepalive: event("tells", {}),
  error: event("ends-response", { code: token, param: token, message: text("assistant", { depth: 1 }) }),
};

/** An event that nobody has described: all of it is walked. Its place in the stream is known all the same. */
export const unknownEvent: ResponseEvent = { ...event("tells", {}), numbers: true };
