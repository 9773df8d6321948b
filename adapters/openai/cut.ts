/** Where generation was cut in a whole answer (ARCHITECTURE.md 1.6 rule 6). */

import type { FoundField } from "../shared/locate.ts";
import { isComplete } from "./finish.ts";
import type { OpenaiOperation } from "./operations.ts";
import { fateOfText, kindAt, statusesOf } from "./responses/fates.ts";
import { followed } from "./responses/part-runs.ts";

type Path = readonly (string | number)[];

/** Whether generation was cut where the text at a path ends; undefined where nothing was cut, as nearly always. */
export type Cut = ((path: Path) => boolean) | undefined;

/** In every choice that does not say that it came to its end. */
const cutChoices = (fields: readonly FoundField[], stopSequences: boolean): Cut => {
  const complete = new Set<unknown>();
  let broken = false;
  for (const { name, path, value } of fields) {
    if (name !== "finish_reason") continue;
    if (isComplete(value, stopSequences)) complete.add(path[1]);
    else broken = true;
  }
  return broken ? (path) => path[0] === "choices" && !complete.has(path[1]) : undefined;
};

/** In every item that does not say that it is complete. */
const cutItems = (fields: readonly FoundField[]): Cut => {
  const statuses = statusesOf(fields, 0);
  const isFollowed = followed(fields);
  return (path) => {
    const [list, index, ...below] = path;
    const kind = isFollowed(path) ? undefined : kindAt(below);
    return list === "output" && typeof index === "number" && kind !== undefined && fateOfText(statuses, index, kind) === "cut";
  };
};

/** What an answer's own fields say of it. */
export const cutOf = (
  fields: readonly FoundField[],
  { kind, stopSequences }: { readonly kind: OpenaiOperation; readonly stopSequences: boolean },
): Cut => {
  switch (kind.kind) {
    case "chat":
    case "completions":
      return cutChoices(fields, stopSequences);
    case "responses":
    case "responses-aside":
    case "stored-response":
      return cutItems(fields);
    case "items":
    case "conversation":
    case "transcript":
    case "embeddings":
    case "moderations":
    case "models":
    case "model":
    case "other":
      return undefined;
  }
};
