/** What a check over the whole configuration is: sentences about parts that are sound by themselves but not together. */

import type { Finding } from "../problem.ts";
import type { Parsed, Section } from "../schema/index.ts";

/** A check and the sections that it reads; it is not asked when one of them is wrong already, so that one mistake makes one message. */
export interface Check {
  /** It looks at the values of secrets: not asked where they were not looked up. */
  readonly opensSecrets?: true;
  readonly reads: readonly Section[];
  readonly find: (parsed: Parsed) => readonly Finding[];
}

/** A finding at each later one of equal names. */
export const repeated = (section: Section, names: readonly string[], noun: string): readonly Finding[] =>
  names.flatMap((name, index) =>
    names.indexOf(name) === index ? [] : [{ path: [section, index, "name"], message: `a second ${noun} named "${name}"` }],
  );
