/** Requests that ask for no more tokens than policy allows: the field that says how many is lowered, or set where the caller named none. */

import { spliceJson } from "../../src/envelope/json/index.ts";
import { type FoundField, fieldsOf } from "./locate.ts";
import { field, type PlaceTable, placeTable } from "./place.ts";

/** How an API is told the most tokens of an answer. */
export interface OutputFields {
  readonly table: PlaceTable;
  /** The member that is set where the caller named no most; undefined: none is. */
  readonly added: string | undefined;
}

const choicesName = "n";

/** `names`: members that hold the most tokens of one choice, the first of which is set where the caller gave none. */
export const outputFields = (names: readonly string[]): OutputFields => ({
  table: placeTable(Object.fromEntries([...names, choicesName].map((name) => [name, field(name)]))),
  added: names[0],
});

const choicesIn = (fields: readonly FoundField[]): number => {
  const count = fields.find(({ name }) => name === choicesName)?.value;
  return typeof count === "number" && count > 1 ? count : 1;
};

const emptyObject = /^\s*\{\s*\}/;

/** An object with one member more, the first. */
const withMember = (json: string, name: string, value: number): string => {
  const inside = json.indexOf("{") + 1;
  return `${json.slice(0, inside)}"${name}":${value}${emptyObject.test(json) ? "" : ","}${json.slice(inside)}`;
};

/**
 * A JSON request that asks for at most `limit` tokens, shared out to its choices alike; the very same text where it asks for no more. What a choice cannot have a
 * whole token of is cut as it comes.
 */
export const cappedRequest = (json: string, { table, added }: OutputFields, limit: number): string => {
  const fields = fieldsOf(json, table);
  const most = Math.max(1, Math.floor(limit / choicesIn(fields)));
  const named = fields.filter(({ name, kind }) => name !== choicesName && kind !== "null");
  const high = named.filter(({ value }) => typeof value === "number" && value > most);
  if (high.length > 0)
    return spliceJson(
      json,
      high.map(({ start, end }) => ({ start, end, text: String(most) })),
    );
  if (named.length > 0 || added === undefined) return json;
  const empty = fields.find(({ name }) => name === added);
  return empty === undefined
    ? withMember(json, added, most)
    : spliceJson(json, [{ start: empty.start, end: empty.end, text: String(most) }]);
};

/** The same of a body's bytes. */
export const cappedBytes = (bytes: Buffer, fields: OutputFields, limit: number): Buffer => {
  const json = bytes.toString("utf8");
  const capped = cappedRequest(json, fields, limit);
  return capped === json ? bytes : Buffer.from(capped);
};
