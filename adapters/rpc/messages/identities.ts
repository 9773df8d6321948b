/** Texts that every message of a stream repeats: shown once, and again only when they change. */

import type { Identity } from "./gathering.ts";
import type { Passed } from "./lanes.ts";

/** Paths that are remembered: an answer's identities, and the names of its tensors. */
const mostPaths = 256;
/** UTF-16 code units of a text that is remembered; what is longer identifies nothing. */
const longestText = 256;

/** Remembers which identities the core let through as they were. A rule by key looks at paths, so that what passed at one path need not pass at another. */
export class Identities {
  readonly #passed = new Map<string, string>();

  /** Whether this text has passed at this path. */
  readonly passes = (path: string, text: string): boolean => this.#passed.get(path) === text;

  /** Takes note of what the core made of a message's identities; gives them as they go on. `texts` are the message's, rewritten. */
  note(identities: readonly Identity[], texts: readonly string[]): readonly Passed[] {
    const passed: Passed[] = [];
    for (const { name, text, span } of identities) {
      const written = span === undefined ? text : (texts[span] ?? "");
      if (text.length > longestText || passed.length >= mostPaths) continue;
      if (written === text && (this.#passed.has(name) || this.#passed.size < mostPaths)) this.#passed.set(name, text);
      passed.push({ name, text, written });
    }
    return passed;
  }
}
