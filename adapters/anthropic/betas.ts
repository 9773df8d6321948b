/** The beta features of the API that a request asks for. */

/** Some clients name a dozen, so that the list is longer than other headers may be, and some name each in a header of its own. */
export const betaHeader = "anthropic-beta";

/** How the API names them: `interleaved-thinking-2025-05-14`. */
const betaName = /^[A-Za-z0-9._-]{1,64}$/;

const mostBetas = 64;

/** Their names, once each. `rawHeaders`: names and values in turn. What is no name is left out. */
export const betasOf = (rawHeaders: readonly string[]): readonly string[] => {
  const names = new Set<string>();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() !== betaHeader) continue;
    for (const part of (rawHeaders[at + 1] ?? "").split(",")) if (betaName.test(part.trim())) names.add(part.trim());
  }
  return [...names].slice(0, mostBetas);
};
