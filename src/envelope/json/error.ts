/** What can be wrong with a JSON text. */

export type JsonProblem = "syntax" | "duplicate-key" | "too-deep" | "too-many-keys";

const sentences: Record<JsonProblem, string> = {
  syntax: "This is not valid JSON",
  "duplicate-key": "An object has the same key twice",
  "too-deep": "The JSON is nested too deeply",
  "too-many-keys": "The JSON has too many keys",
};

/** A JSON text that was refused. INVARIANT: the message holds no text of the document, so that it may be logged and shown. */
export class JsonError extends Error {
  readonly problem: JsonProblem;
  /** UTF-16 offset of the first code unit at fault. */
  readonly offset: number;

  constructor(problem: JsonProblem, offset: number) {
    super(`${sentences[problem]} (at offset ${offset}).`);
    this.name = "JsonError";
    this.problem = problem;
    this.offset = offset;
  }
}
