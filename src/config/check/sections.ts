/** Checks the sections of a file: the shape of each first, then how those that have it fit together. */

import type { z } from "zod";
import { findingsOf, type ShapeOfKeys } from "../findings.ts";
import { publishSchema } from "../json-schema.ts";
import type { Finding, Path } from "../problem.ts";
import type { Parsed, Section } from "../schema/index.ts";
import type { Check } from "./check.ts";
import { misplacedReferences } from "./references.ts";

/** The sections of a file that have the right shape. */
export type Sections = { readonly [Each in Section]?: Parsed[Each] | undefined };

/** A schema of some of the sections, or of all of them. */
interface SectionsSchema<Whole extends Sections> {
  safeParse(value: unknown): z.ZodSafeParseResult<Whole>;
  partial(): { safeParse(value: unknown): z.ZodSafeParseResult<Sections> };
}

export interface Checked<Whole extends Sections> {
  /** undefined: some section has not the right shape. */
  readonly parsed: Whole | undefined;
  readonly findings: readonly Finding[];
}

/** What is wrong with plain values. A check is asked where all that it reads is sound, so that one mistake makes one message. */
export const checkSections = <Whole extends Sections>(
  value: unknown,
  schema: SectionsSchema<Whole>,
  checks: readonly Check[],
): Checked<Whole> => {
  const whole = schema.safeParse(value);
  const shape: readonly Finding[] = whole.success ? [] : findingsOf(whole.error, value, keysOfSchema());
  const misplaced = misplacedReferences(value);
  const wrong = new Set([...shape, ...misplaced].map(({ path }) => path[0]));
  const sound: Sections = whole.success ? whole.data : (schema.partial().safeParse(without(value, wrong)).data ?? {});
  const together = checks.flatMap(({ reads, find }) => (hasSound(sound, reads, wrong) ? find(sound) : []));
  return { parsed: whole.success ? whole.data : undefined, findings: [...shape, ...misplaced, ...together] };
};

const keysOfSchema = (): ShapeOfKeys => {
  const isShape = (schema: object): schema is ShapeOfKeys => "properties" in schema;
  const schema = publishSchema();
  return isShape(schema) ? schema : {};
};

/** Whether all that a check reads is sound; it reads nothing else. */
const hasSound = (parsed: Sections, reads: readonly Section[], wrong: ReadonlySet<Path[number] | undefined>): parsed is Parsed =>
  Object.keys(parsed).length > 0 && reads.every((section) => !wrong.has(section));

const without = (value: unknown, sections: ReadonlySet<Path[number] | undefined>): unknown =>
  typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value).filter(([key]) => !sections.has(key))) : value;
