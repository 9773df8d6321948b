/** Reads and checks `weir.yaml`: one frozen Config, or everything that is wrong with it and where. */

import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { callerChecks } from "./check/caller.ts";
import type { Check } from "./check/check.ts";
import { connectionChecks } from "./check/connection.ts";
import { gatewayChecks } from "./check/gateway.ts";
import { policyChecks } from "./check/policy.ts";
import { misplacedReferences } from "./check/references.ts";
import { unknownGroups } from "./check/warnings.ts";
import type { Config } from "./config.ts";
import { findingsOf, type ShapeOfKeys } from "./findings.ts";
import { publishSchema } from "./json-schema.ts";
import { ConfigError, type Finding, inOrder, type Path, type Problem } from "./problem.ts";
import type { ReferenceSources } from "./references.ts";
import { resolveConfig } from "./resolve.ts";
import { configSchema, type Parsed, type Section } from "./schema/index.ts";
import { type Places, parseSource } from "./source.ts";

/** A configuration is written by people; one of this size was not. */
const maxFileBytes = 4 * 1024 * 1024;
/** A secret is a line or a page. */
const maxSecretBytes = 64 * 1024;

export type Environment = Readonly<Record<string, string | undefined>>;

export interface LoadOptions {
  /** Where `${env:NAME}` leads. */
  readonly env: Environment;
}

/** A configuration that was loaded, and where its parts stand, for what is found out about them later. */
export interface Loaded {
  readonly config: Config;
  readonly places: Places;
  /** What is allowed and yet probably not meant. */
  readonly warnings: readonly Problem[];
}

/**
 * Loads the file that `--config` names. References are resolved by this process and only now.
 * @throws ConfigError with every problem found.
 */
export const loadConfig = (file: string, options: LoadOptions): Loaded => parseConfig(readConfig(file), file, options);

/**
 * Loads a configuration from its text; `file` is how problems name it, and relative paths start at its folder.
 * @throws ConfigError with every problem found.
 */
export const parseConfig = (text: string, file: string, { env }: LoadOptions): Loaded => {
  const source = parseSource(text, file);
  const folder = dirname(resolve(file));
  const absolute = (path: string): string => resolve(folder, path);
  const sources: ReferenceSources = { env: (name) => env[name], file: (path) => readSecret(absolute(path)) };
  const { parsed, findings } = check(source.value, sources, absolute);
  if (parsed === undefined || findings.length > 0) throw new ConfigError(inOrder(findings.map((finding) => source.problem(finding))));
  return {
    config: resolveConfig(parsed, { file, absolute }),
    places: source,
    warnings: inOrder(unknownGroups(parsed).map((finding) => source.problem(finding))),
  };
};

/** What others found wrong with a loaded configuration (a pattern that does not compile, an unknown detector), as an error like any other of the file. */
export const refuse = (places: Places, findings: readonly Finding[]): ConfigError =>
  new ConfigError(inOrder(findings.map((finding) => places.problem(finding))));

const readConfig = (file: string): string => {
  try {
    return readText(file, maxFileBytes);
  } catch (thrown) {
    const reason =
      thrown instanceof Error && "code" in thrown
        ? `cannot be read (${String(thrown.code)})`
        : String(thrown instanceof Error ? thrown.message : thrown);
    throw new ConfigError([{ file, line: 1, column: 1, message: `the file ${reason}` }]);
  }
};

const readSecret = (path: string): { readonly text: string; readonly path: string } => ({ text: readText(path, maxSecretBytes), path });

const readText = (path: string, maxBytes: number): string => {
  if (statSync(path).size > maxBytes) throw new Error(`is larger than ${maxBytes} bytes`);
  const bytes = readFileSync(path);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Error("is not UTF-8");
  }
};

/** The sections of a file that have the right shape. */
type Sections = { readonly [Each in Section]?: Parsed[Each] | undefined };

interface Checked {
  readonly parsed: Parsed | undefined;
  readonly findings: readonly Finding[];
}

/** Checks the shape first, then how the parts that have it fit together. */
const check = (value: unknown, sources: ReferenceSources, absolute: (path: string) => string): Checked => {
  const schema = configSchema(sources);
  const whole = schema.safeParse(value);
  const shape: readonly Finding[] = whole.success ? [] : findingsOf(whole.error, value, keysOfSchema());
  const misplaced = misplacedReferences(value);
  const wrong = new Set([...shape, ...misplaced].map(({ path }) => path[0]));
  const sound: Sections = whole.success ? whole.data : (schema.partial().safeParse(without(value, wrong)).data ?? {});
  const together = allChecks(absolute).flatMap(({ reads, find }) => (hasSound(sound, reads, wrong) ? find(sound) : []));
  return { parsed: whole.success ? whole.data : undefined, findings: [...shape, ...misplaced, ...together] };
};

const keysOfSchema = (): ShapeOfKeys => {
  const isShape = (schema: object): schema is ShapeOfKeys => "properties" in schema;
  const schema = publishSchema();
  return isShape(schema) ? schema : {};
};

const allChecks = (absolute: (path: string) => string): readonly Check[] => [
  ...gatewayChecks(({ dataDir }) => absolute(dataDir)),
  ...callerChecks,
  ...connectionChecks,
  ...policyChecks,
];

/** Whether all that a check reads is sound; it reads nothing else. */
const hasSound = (parsed: Sections, reads: readonly Section[], wrong: ReadonlySet<Path[number] | undefined>): parsed is Parsed =>
  Object.keys(parsed).length > 0 && reads.every((section) => !wrong.has(section));

const without = (value: unknown, sections: ReadonlySet<Path[number] | undefined>): unknown =>
  typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value).filter(([key]) => !sections.has(key))) : value;
