/** Keys of objects and maps as they go on. */

/** A key as it is spelt, and the object or map that it stands in. */
export interface PlacedKey {
  /** Absent where its reader does not tell objects apart: then all keys are kept apart. */
  readonly object?: string | number | undefined;
  readonly key: string;
}

/**
 * Keeps keys apart that are masked alike: of two equal ones a decoder keeps the last alone, and an object with the same key twice is read in more than
 * one way.
 */
export class UniqueKeys {
  readonly #taken = new Set<string>();
  /** How often a key has been written, so that many alike cost no search. */
  readonly #copies = new Map<string, number>();

  constructor(keys: Iterable<PlacedKey>) {
    for (const placed of keys) this.#taken.add(nameOf(placed));
  }

  /** The key as it is written: with a number behind it where it is taken. */
  unique(placed: PlacedKey): string {
    const { object, key } = placed;
    const name = nameOf(placed);
    let copy = this.#copies.get(name) ?? 1;
    let written = copy === 1 ? key : `${key} ${copy}`;
    while (this.#taken.has(nameOf({ object, key: written }))) written = `${key} ${++copy}`;
    this.#copies.set(name, copy);
    this.#taken.add(nameOf({ object, key: written }));
    return written;
  }
}

const nameOf = ({ object = "", key }: PlacedKey): string => `${object}:${key}`;
