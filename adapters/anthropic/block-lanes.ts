/** The lanes of a streamed message: which text of which block, and how far a run of adjacent text blocks goes on. */

import { type Closing, type Lane, lane } from "../../src/envelope/text.ts";

/** Texts of a block that run on from delta to delta, by the name of the delta's member. */
export type RunningField = "text" | "thinking" | "partial_json";

/** Where a lane's text goes: a delta of this block. */
export interface LanePlace {
  readonly index: number;
  readonly field: RunningField;
}

/** What came after a block that ended; it tells how the block ended. */
export type Following =
  | { readonly kind: "block"; readonly type: unknown }
  /** The message's end; `complete` where the model came to its own. */
  | { readonly kind: "end"; readonly complete: boolean }
  /** Nothing any more. */
  | { readonly kind: "nothing" };

interface Block {
  readonly type: unknown;
  readonly lanes: Map<RunningField, Lane>;
}

/** Blocks whose calls the API carries out itself: what it asks for has come to its end, and the next block may take as long as the call. */
const carriedOutThere: ReadonlySet<unknown> = new Set(["server_tool_use", "mcp_tool_use"]);

/** Whether a block that is followed by this came to its own end. */
const isWhole = (following: Following): boolean => {
  switch (following.kind) {
    case "block":
      return following.type !== "fallback"; // another model goes on where this one was stopped
    case "end":
      return following.complete;
    case "nothing":
      return false;
  }
};

/** States of a block: begun → ended. A text block's lane goes on in the next block where that is text too (ARCHITECTURE.md 1.6 rule 1). */
export class BlockLanes {
  readonly #open = new Map<number, Block>();
  readonly #places = new Map<Lane, LanePlace>();
  /** The lane of text that the next block continues. */
  #run: Lane | undefined;
  #highest = -1;
  #closed = 0;

  /** How many lanes have ended, and runs gone on. */
  get epoch(): number {
    return this.#closed;
  }

  /** Where a lane's text goes; undefined for a lane that is not one of the stream's. */
  placeOf(name: Lane): LanePlace | undefined {
    return this.#places.get(name);
  }

  /** A block begins; asked for again, nothing happens. */
  begin(index: number, type: unknown): void {
    if (!this.#open.has(index)) this.#begin(index, type);
  }

  /** The lane of a running text; undefined where the block has ended. */
  laneOf(place: LanePlace): Lane | undefined {
    const { index, field } = place;
    const block = this.#open.get(index) ?? (index > this.#highest ? this.#begin(index, undefined) : undefined);
    if (block === undefined) return undefined;
    const known = block.lanes.get(field);
    if (known !== undefined) return known;
    const name = lane(`content.${index}.${field}`);
    // A lane that has ended is not begun anew, whatever an upstream numbers its blocks.
    const fresh = this.#places.has(name) ? lane(`${name}@${this.#places.size}`) : name;
    block.lanes.set(field, fresh);
    this.#places.set(fresh, place);
    return fresh;
  }

  /** Whether only what follows tells how a block's texts end. */
  asks(index: number): boolean {
    const block = this.#open.get(index);
    return block !== undefined && block.lanes.size > 0 && !carriedOutThere.has(block.type);
  }

  /** A block's thinking has come to its end: it is signed. */
  sign(index: number): Closing[] {
    const block = this.#open.get(index);
    const signed = block?.lanes.get("thinking");
    if (block === undefined || signed === undefined) return [];
    this.#closed += 1;
    block.lanes.delete("thinking");
    return [{ lane: signed, complete: true }];
  }

  /** A block ends. */
  end(index: number, following: Following): Closing[] {
    const block = this.#open.get(index);
    if (block === undefined) return [];
    this.#open.delete(index);
    this.#closed += 1;
    const complete = isWhole(following) && !carriedOutThere.has(block.type);
    const continued =
      block.type === "text" && following.kind === "block" && following.type === "text" ? block.lanes.get("text") : undefined;
    this.#run = continued;
    return [...block.lanes.values()].filter((name) => name !== continued).map((name) => ({ lane: name, complete }));
  }

  /** The message ends, and with it whatever has not. */
  endAll(following: Following): Closing[] {
    return [...this.#open.keys()].flatMap((index) => this.end(index, following));
  }

  /** The blocks that have begun and not ended. */
  get unended(): readonly number[] {
    return [...this.#open.keys()];
  }

  #begin(index: number, type: unknown): Block {
    const block: Block = { type, lanes: new Map() };
    const run = this.#run;
    if (run !== undefined && type === "text") {
      block.lanes.set("text", run);
      this.#places.set(run, { index, field: "text" });
    }
    this.#run = undefined;
    this.#highest = Math.max(this.#highest, index);
    this.#open.set(index, block);
    return block;
  }
}
