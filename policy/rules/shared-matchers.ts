/** Matchers and topics of one policy set: equal lists are compiled once, since each matcher has tables of its own (some 130 KB). */

import { compileMatcher, type Matcher, type MatcherPattern } from "../masking/matcher.ts";
import { type CompiledTopics, compileTopics, topicsNamed } from "../topics/index.ts";

export class SharedMatchers {
  readonly #compiled = new Map<string, Matcher>();
  readonly #topics = new Map<string, CompiledTopics>();

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

  /** Topics by name; undefined where none is named. Throws UnknownTopic. */
  topics(names: readonly string[] = []): CompiledTopics | undefined {
    if (names.length === 0) return undefined;
    const key = names.toSorted().join();
    let topics = this.#topics.get(key);
    if (topics === undefined) {
      topics = compileTopics(topicsNamed([...new Set(names)]));
      this.#topics.set(key, topics);
    }
    return topics;
  }
}
