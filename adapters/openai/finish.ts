/** Why generation ended: whether the model came to its own end, or was cut (ARCHITECTURE.md 1.6 rule 6). */

/** Words of `finish_reason` that say the model came to its own end; any other means that generation was cut. */
const completeReasons = new Set(["stop", "tool_calls", "function_call"]);

/** Whether a `finish_reason` says that nothing was cut. Where the caller named stop sequences, `stop` does not tell whether one of them cut the answer. */
export const isComplete = (reason: unknown, stopSequences: boolean): boolean =>
  typeof reason === "string" && completeReasons.has(reason) && !(stopSequences && reason === "stop");
