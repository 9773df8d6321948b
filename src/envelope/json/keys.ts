/** Notices an object's second key of a name. */

import { JsonError } from "./error.ts";

/** Up to so many keys are compared one by one: cheaper than hashing them. */
const compared = 12;

/**
 * The keys of every object that is open, innermost last.
 *
 * Larger objects go into a Set. Its keys get a letter in front, because V8 hashes strings that look like array indices without its random seed,
 * so that chosen keys could collide and make look-ups linear.
 */
export class SeenKeys {
  readonly #limit: number;
  #total = 0;
  /** Keys of all open objects; each object's begin at its entry in `#bases`. */
  readonly #keys: string[] = [];
  readonly #bases: number[] = [];
  readonly #sets: (Set<string> | undefined)[] = [];
  #base = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  open(): void {
    this.#bases.push(this.#base);
    this.#base = this.#keys.length;
    this.#sets.push(undefined);
  }

  close(): void {
    this.#keys.length = this.#base;
    this.#base = this.#bases.pop() ?? 0;
    this.#sets.pop();
  }

  /** Adds a key of the innermost object. Throws `duplicate-key` or `too-many-keys` at `offset`. */
  add(key: string, offset: number): void {
    if (++this.#total > this.#limit) throw new JsonError("too-many-keys", offset);
    const keys = this.#keys;
    if (keys.length - this.#base >= compared) {
      this.#addHashed(key, offset);
      return;
    }
    for (let at = this.#base; at < keys.length; at++) {
      if (keys[at] === key) throw new JsonError("duplicate-key", offset);
    }
    keys.push(key);
  }

  #addHashed(key: string, offset: number): void {
    const last = this.#sets.length - 1;
    let set = this.#sets[last];
    if (set === undefined) {
      set = new Set(this.#keys.slice(this.#base).map((earlier) => `k${earlier}`));
      this.#sets[last] = set;
    }
    const size = set.size;
    set.add(`k${key}`);
    if (set.size === size) throw new JsonError("duplicate-key", offset);
  }
}
