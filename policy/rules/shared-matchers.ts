/** Matchers of one policy set: equal lists are compiled once, since each matcher has tables of its own (some 130 KB). */

import { compileMatcher, type Matcher, type MatcherPattern } from "../masking/matcher.ts";

export class SharedMatchers {
  readonly #compiled = new Map<string, Matcher>();

  /** The matcher of a list of patterns. Throws PatternError. */
  of(patterns: readonly MatcherPattern[]): Matcher {
    const key = JSON.stringify(patterns);
    let matcher = this.#compiled.get(key);
    if (matcher === undefined) {
      matcher = compileMatcher(patterns);
      this.#compiled.set(key, matcher);
    }
    return matcher;
  }
}
