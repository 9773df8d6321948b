/** What a message remembers of its fields while it is read. */

import type { FieldPlan } from "./plan.ts";

/** Fields that stand at most once are marked in one number's bits; those beyond are counted. */
const markedFields = 31;

/** Counts the fields of one message. */
export class Scope {
  #once = 0;
  #counts: number[] | undefined;
  #keys: Set<string> | undefined;

  /** Whether a field that stands at most once has come before: decoders merge messages and take the last of anything else, but every copy is on the wire. */
  again({ order }: FieldPlan): boolean {
    if (order >= markedFields) return this.index(order) > 0;
    const bit = 1 << order;
    const again = (this.#once & bit) !== 0;
    this.#once |= bit;
    return again;
  }

  /** The index of a repeated field's next element. */
  index(order: number): number {
    this.#counts ??= [];
    const index = this.#counts[order] ?? 0;
    this.#counts[order] = index + 1;
    return index;
  }

  /** Whether a map's key has come before. */
  keyAgain({ order }: FieldPlan, key: string | number): boolean {
    const entry = `${order}:${key}`;
    this.#keys ??= new Set();
    if (this.#keys.has(entry)) return true;
    this.#keys.add(entry);
    return false;
  }
}
