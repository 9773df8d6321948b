/** The front door of topics: every topic pack that Weir brings, by name. */

import { nearest } from "../catalogue/nearest.ts";
import { codeExecution } from "./code-execution.ts";
import { type CompiledTopics, compileTopics } from "./compile.ts";
import { credentials } from "./credentials.ts";
import { dataExport } from "./data-export.ts";
import { regulatedData } from "./regulated-data.ts";
import type { Topic } from "./topic.ts";

export { type CompiledTopics, wordsFound } from "./compile.ts";
export type { Topic } from "./topic.ts";

/** Every topic. */
export const topics: readonly Topic[] = [dataExport, credentials, codeExecution, regulatedData];

/** A name that is no topic's. */
export class UnknownTopic extends Error {
  override readonly name = "UnknownTopic";

  constructor(wanted: string) {
    const near = nearest(
      wanted,
      topics.map(({ name }) => name),
    );
    super(`there is no topic named "${wanted}"${near.length === 0 ? "" : `; did you mean ${near.join(" or ")}?`}`);
  }
}

/** By the names: topics never change, and there are few sets of them. */
const compiled = new Map<string, CompiledTopics>();

/** Topics by name, compiled; undefined where none is named. Throws {@link UnknownTopic}. */
export const compiledTopics = (names: readonly string[] = []): CompiledTopics | undefined => {
  if (names.length === 0) return undefined;
  const key = [...new Set(names)].sort().join();
  let found = compiled.get(key);
  if (found === undefined) {
    found = compileTopics(topicsNamed(key.split(",")));
    compiled.set(key, found);
  }
  return found;
};

/** Topics by name. Throws {@link UnknownTopic}. */
export const topicsNamed = (names: readonly string[]): readonly Topic[] =>
  names.map((name) => {
    const topic = topics.find((each) => each.name === name);
    if (topic === undefined) throw new UnknownTopic(name);
    return topic;
  });
