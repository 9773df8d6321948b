/** What a policy's masking compiles with: lanes that see encodings, and JSON lanes that stay JSON. */

import { tagAlong } from "../../src/envelope/json/index.ts";
import type { CompileOptions } from "./compile.ts";
import { JsonMasker } from "./json-masker.ts";
import { compileKeys } from "./keys.ts";
import { byKey, byStructure } from "./program.ts";
import { viewLanes } from "./views-masker.ts";

/** Changes with anything about views or JSON lanes that could change an output. */
const lanesVersion = "views 1, json 1";

/**
 * Options for `compile`: every lane is looked at through views of encodings (rule 10), JSON lanes keep their form (rule 9), and values under these keys and
 * paths (see `compileKeys`) are masked whatever they hold.
 *
 * @throws PatternError where a path cannot be read.
 */
export const laneOptions = (
  keys: readonly string[] = [],
): Pick<CompileOptions, "plain" | "json" | "lanesKey" | "lanesChange" | "laneRules" | "labelAt"> => {
  const rules = { keys: compileKeys(keys), keyCount: keys.length };
  return {
    plain: viewLanes,
    json: (core) => (found) => new JsonMasker(core, rules, found),
    lanesKey: JSON.stringify([lanesVersion, keys]),
    lanesChange: keys.length > 0,
    laneRules: [...keys.map(() => byKey), byStructure],
    ...(keys.length === 0 ? {} : { labelAt: (path) => tagAlong(rules.keys, path)?.label }),
  };
};
