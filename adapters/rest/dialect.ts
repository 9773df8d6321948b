/** Dialects of REST model servers as tables: which paths they have, and what is known of each. */

import type { Operation } from "../../src/envelope/call.ts";
import type { PlaceTable } from "../shared/place.ts";
import type { EchoTable } from "./echoes.ts";
import { compileTemplate, fitTemplate, type Template } from "./template.ts";

/** One kind of path of a dialect. */
export interface DialectRow {
  /** undefined: any method. */
  readonly method: string | undefined;
  readonly template: string;
  /** undefined: `METHOD /path`, as for paths that no dialect has. */
  readonly name?: string;
  readonly class: Operation["class"];
  /** How the request's body is read, whatever its header says: as JSON, or as JSON that binary tensors may follow. Absent: as its header says. */
  readonly body?: "json" | "tensors";
  /** Fields whose values spell one text over the messages of a streamed answer; absent: those that are so by their own name. */
  readonly joins?: PlaceTable;
  /** What repeats its answers' text; absent: what is called so by everybody. */
  readonly echoes?: EchoTable;
  /** Its answer comes as events. */
  readonly streams?: true;
}

export interface CompiledRow extends DialectRow {
  readonly compiled: Template;
}

/** Compiles rows once, at load. */
export const compileRows = (rows: readonly DialectRow[]): readonly CompiledRow[] =>
  rows.map((row) => ({ ...row, compiled: compileTemplate(row.template) }));

/** The first row that fits, and the model that the path names. */
export const findRow = (
  rows: readonly CompiledRow[],
  method: string,
  path: readonly string[],
): { readonly row: CompiledRow; readonly model: string | undefined } | undefined => {
  for (const row of rows) {
    if (row.method !== undefined && row.method !== method) continue;
    const fit = fitTemplate(row.compiled, path);
    if (fit !== undefined) return { row, model: fit.model };
  }
  return undefined;
};
