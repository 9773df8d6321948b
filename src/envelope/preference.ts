/** What callers prefer of how they are answered: the header `Prefer` (RFC 7240). */

/** RFC 7240 section 4.1: answer at once rather than let the caller wait. */
const respondAsync = "respond-async";

const isRespondAsync = (preference: string): boolean => preference.split(";", 1)[0]?.trim().toLowerCase() === respondAsync;

/** Whether one of these values of `Prefer` asks not to wait. */
export const prefersNotToWait = (values: readonly string[]): boolean => values.some((value) => value.split(",").some(isRespondAsync));

/** A value of `Prefer` without the preference not to wait, which changes nothing of what is asked; empty where it was the only one. */
export const otherPreferences = (value: string): string =>
  value
    .split(",")
    .filter((preference) => !isRespondAsync(preference))
    .join(",")
    .trim();

/** RFC 7240 section 3: the preference that an answer says it has met. */
export const preferenceApplied = respondAsync;
