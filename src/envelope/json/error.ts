/** What can be wrong with a JSON text. */

export type JsonProblem = "syntax" | "duplicate-key" | "too-deep" | "too-many-keys" | "wrong-type";

const sentences: Record<JsonProblem, string> = {
  syntax: "This is not valid JSON",
  "duplicate-key": "An object has the same key twice",
  "too-deep": "The JSON is nested too deeply",
  "too-many-keys": "The JSON has too many keys",
  "wrong-type": "A field has the wrong type",
};

/** A JSON text that was refused. INVARIANT: the message holds no text of the document, so that it may be logged and shown. */
export class JsonError extends Error {
  readonly problem: JsonProblem;
  /** UTF-16 offset of the first code unit at fault. */
  readonly offset: number;
  /** The field at fault, where one of the caller's own choosing is. */
  readonly field: string | undefined;

  constructor(problem: JsonProblem, offset: number, field?: string) {
    super(`${sentences[problem]} (${field === undefined ? "" : `${field}, `}at offset ${offset}).`);
    this.name = "JsonError";
    this.problem = problem;
    this.offset = offset;
    this.field = field;
  }
}
