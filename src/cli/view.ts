/** How things are shown: as a table for people, as objects for programs. */

import { type Format, json, type Output, table, write } from "./output.ts";

/** How one kind of thing is shown. */
export interface View<Item> {
  readonly head: readonly string[];
  readonly row: (item: Item) => readonly string[];
  /** Has an `id`, and a `state` where there is one. */
  readonly object: (item: Item) => Readonly<Record<string, unknown>>;
}

/** Writes a list: a table, or an array. */
export const showList = <Item>(output: Output, format: Format, { head, row, object }: View<Item>, items: readonly Item[]): Promise<void> =>
  write(output, format === "json" ? json(items.map(object)) : table(head, items.map(row)));

/** Writes one thing as a list of it would: a table with a row, or an object. Nothing where the gateway told nothing. */
export const showOne = async <Item>(output: Output, format: Format, view: View<Item>, item: Item | undefined): Promise<void> => {
  if (item === undefined) return;
  await (format === "json" ? write(output, json(view.object(item))) : showList(output, format, view, [item]));
};

/** Fields and values as a table; what has no value is left out. */
export const fieldsTable = (fields: readonly (readonly [field: string, value: string | undefined])[]): string =>
  table(
    ["FIELD", "VALUE"],
    fields.flatMap(([field, value = ""]) => (value === "" ? [] : [[field, value]])),
  );
