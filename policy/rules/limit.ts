/** Limits: of several, the smallest counts. */

/** The smallest of the limits that are given, or undefined when none is. */
export const smallest = (limits: readonly (number | undefined)[]): number | undefined => {
  const given = limits.filter((limit) => limit !== undefined);
  return given.length === 0 ? undefined : Math.min(...given);
};
