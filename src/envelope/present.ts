/** Records whose absent keys are left out, and not there with the value undefined. */

/** Only the keys that have a value. */
export const present = <T extends object>(record: { [K in keyof T]: T[K] | undefined }): Partial<T> => {
  const kept: Partial<T> = {};
  for (const key in record) if (record[key] !== undefined) kept[key] = record[key];
  return kept;
};
