/** The tools that a request offers to a model, and those that the model calls: names in places that an API's table knows. */

import type { TextSpan } from "../../src/envelope/text.ts";
import type { FoundText } from "./locate.ts";

/** What definitions of tools stand in. */
const holders: ReadonlySet<unknown> = new Set(["tools", "functions", "tool", "tool_changes"]);

const isName = (path: FoundText["path"]): boolean => path.at(-1) === "name";

/** The names of the tools that a request offers. What no table names (a tool's own parameters) is none. */
export const offeredTools = (texts: readonly FoundText[]): readonly string[] => {
  const names = texts.flatMap(({ place, path, text }) =>
    place?.kind === "text" && place.author === "system" && isName(path) && path.some((part) => holders.has(part)) ? [text] : [],
  );
  return [...new Set(names)];
};

/** The spans of a message that are names of tools being called. */
export const calledTools = (spans: readonly TextSpan[]): readonly TextSpan[] =>
  spans.filter(({ author, path }) => author === "tool-input" && isName(path));
