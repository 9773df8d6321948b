/** Whether something thrown is a system error of one of these codes (`ENOENT` …). */
export const hasCode = (thrown: unknown, ...codes: readonly string[]): boolean =>
  thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" && codes.includes(thrown.code);
