/** The tools that a request offers to a model, and those that the model calls: names in places that an API's table knows. */

import type { CalledTool } from "../../src/envelope/message.ts";
import { type Lane, lane, type TextSpan } from "../../src/envelope/text.ts";
import type { FoundText } from "./locate.ts";

/** What definitions of tools stand in. */
const holders: ReadonlySet<unknown> = new Set(["tools", "functions", "tool", "tool_changes"]);

/** Ends the lane of a name that later events may go on with. */
const nameMark = "#name";

const isName = (path: FoundText["path"]): boolean => path.at(-1) === "name";

/** The names of the tools that a request offers. What no table names (a tool's own parameters) is none. */
export const offeredTools = (texts: readonly FoundText[]): readonly string[] => {
  const names = texts.flatMap(({ place, path, text }) =>
    place?.kind === "text" && place.author === "system" && isName(path) && path.some((part) => holders.has(part)) ? [text] : [],
  );
  return [...new Set(names)];
};

/** The lane of a called tool's name that later events of the same call may go on with. */
export const nameLane = (call: string): Lane => lane(`${call}${nameMark}`);

/** The tools that a message calls. Names on lanes of {@link nameLane} may go on; others are whole. */
export const calledTools = (spans: readonly TextSpan[]): readonly CalledTool[] =>
  spans
    .filter(({ author, path }) => author === "tool-input" && isName(path))
    .map(({ lane: name, text }) => {
      const mark = name.lastIndexOf(nameMark);
      return { name: text, pieceOf: mark < 0 ? undefined : name.slice(0, mark) };
    });
