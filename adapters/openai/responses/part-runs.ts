/** Parts of a message that follow one another: words are one text, and so are refusals; where one gives way to the other, a text ends. */

import { type Lane, lane } from "../../../src/envelope/text.ts";
import { laneOfPath } from "../../shared/document.ts";
import type { FoundField, FoundText } from "../../shared/locate.ts";

type Path = readonly (string | number)[];

/** Position of the part's index in a path that leads into a list of parts; 0 where it leads into none. */
const indexAt = (path: Path): number => {
  const at = path.indexOf("content") + 1;
  return at > 0 && typeof path[at] === "number" ? at : 0;
};

const isRefusal = (path: Path): boolean => path.at(-1) === "refusal";

interface Run {
  refusal: boolean;
  count: number;
}

/** The runs in one document, told in its order. */
export class PartRuns {
  readonly #runs = new Map<Lane, Run>();

  /** The lane of a part's text, where it is not in the first run of its list; undefined for whatever else. */
  laneOf({ place, path }: FoundText): Lane | undefined {
    if (place?.kind !== "text" || place.depth >= path.length || indexAt(path) === 0) return undefined;
    const list = laneOfPath(path, place.depth);
    const refusal = isRefusal(path);
    const run = this.#runs.get(list) ?? { refusal, count: 1 };
    this.#runs.set(list, run);
    if (run.refusal !== refusal) {
      run.refusal = refusal;
      run.count += 1;
    }
    return run.count === 1 ? undefined : lane(`${list}~${run.count}`);
  }
}

const keyOf = (path: Path, at: number): string => JSON.stringify(path.slice(0, at));

/** The last part of each sort in a list. */
interface Last {
  words: number;
  refusals: number;
}

/** Tells of the text at a path whether a part of the other sort follows it: then the model went on behind it. `fields`: the parts' types among them. */
export const followed = (fields: readonly FoundField[]): ((path: Path) => boolean) => {
  const lists = new Map<string, Last>();
  for (const { name, path, value } of fields) {
    const at = indexAt(path);
    const index = path[at];
    if (name !== "part" || typeof index !== "number" || path.length !== at + 2) continue;
    const key = keyOf(path, at);
    const last = lists.get(key) ?? { words: -1, refusals: -1 };
    lists.set(key, last);
    if (value === "refusal") last.refusals = Math.max(last.refusals, index);
    else last.words = Math.max(last.words, index);
  }
  return (path) => {
    const at = indexAt(path);
    const index = path[at];
    if (at === 0 || typeof index !== "number") return false;
    const last = lists.get(keyOf(path, at));
    return last !== undefined && index < (isRefusal(path) ? last.words : last.refusals);
  };
};
