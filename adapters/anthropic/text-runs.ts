/** Adjacent text blocks of one message are one text (ARCHITECTURE.md 1.6 rule 1): a value cut at the boundary between two of them is still found. */

import type { Lane } from "../../src/envelope/text.ts";
import { laneOfPath } from "../shared/document.ts";
import type { FoundField } from "../shared/locate.ts";

/** A list of blocks, as far as it has been read. */
interface ListOfBlocks {
  /** The index of the latest block, and of the first of the text blocks that end with it; -1 where it is of another kind. */
  index: number;
  run: number;
}

type Path = readonly (string | number)[];

/** The runs of text blocks in every list of blocks of one document. */
export class TextRuns {
  /** The first block of each text block's run, by the path of the block. */
  readonly #first = new Map<string, number>();

  constructor(fields: readonly FoundField[]) {
    const lists = new Map<string, ListOfBlocks>();
    for (const { name, path, value } of fields) {
      const index = path.at(-2);
      if (name === "block" && typeof index === "number") this.#add(lists, path.slice(0, -2), index, value === "text");
    }
  }

  /** The lane of a text block's words: that of the first block of its run. undefined for what is no text block's. */
  laneOf(path: Path): Lane | undefined {
    if (path.at(-1) !== "text") return undefined;
    const first = this.#first.get(laneOfPath(path, path.length - 1));
    return first === undefined ? undefined : laneOfPath([...path.slice(0, -2), first, "text"]);
  }

  #add(lists: Map<string, ListOfBlocks>, list: Path, index: number, isText: boolean): void {
    const key = laneOfPath(list);
    const before = lists.get(key);
    const adjacent = before !== undefined && before.index === index - 1 && before.run >= 0;
    const run = !isText ? -1 : adjacent ? before.run : index;
    lists.set(key, { index, run });
    if (isText) this.#first.set(laneOfPath([...list, index]), run);
  }
}
