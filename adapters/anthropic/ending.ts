/** Why generation ended: whether the model came to its own end, or was cut (ARCHITECTURE.md 1.6 rule 6). */

/**
 * Words of `stop_reason` that say the model came to its own end. Any other means that it was cut: `max_tokens`, `stop_sequence`, `refusal`,
 * `pause_turn`, `model_context_window_exceeded`, and words nobody knows.
 */
const completeReasons = new Set(["end_turn", "tool_use"]);

/** Whether a `stop_reason` says that nothing was cut. */
export const isComplete = (reason: unknown): boolean => typeof reason === "string" && completeReasons.has(reason);

/** What a message says that ended at the most tokens it may have. */
export const limitEnding = { stop_reason: "max_tokens", stop_sequence: null } as const;
