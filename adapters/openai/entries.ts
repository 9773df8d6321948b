/** Lists as the API answers them: their entries as they are written. */

import { locate } from "../shared/locate.ts";
import { field, placeTable } from "../shared/place.ts";

const entryPlaces = placeTable({ "data.*": field("entry"), "data.*.id": field("id") });

/** A list's entries as they are written, by id; the first of an id counts. */
export const entriesOf = (list: string): ReadonlyMap<string, string> => {
  const { fields } = locate(list, { table: entryPlaces });
  const written = new Map(fields.filter(({ name }) => name === "entry").map(({ path, start, end }) => [path[1], list.slice(start, end)]));
  const entries = new Map<string, string>();
  for (const { name, path, value } of fields) {
    const entry = written.get(path[1]);
    if (name === "id" && typeof value === "string" && entry !== undefined && !entries.has(value)) entries.set(value, entry);
  }
  return entries;
};
