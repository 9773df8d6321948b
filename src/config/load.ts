/** Reads and checks `weir.yaml`: one frozen Config, or everything that is wrong with it and where. */

import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { callerChecks } from "./check/caller.ts";
import type { Check } from "./check/check.ts";
import { connectionChecks } from "./check/connection.ts";
import { gatewayChecks } from "./check/gateway.ts";
import { policyChecks } from "./check/policy.ts";
import { promiseChecks } from "./check/promises.ts";
import { checkSections } from "./check/sections.ts";
import { tlsChecks } from "./check/tls.ts";
import { unknownGroups } from "./check/warnings.ts";
import type { Config } from "./config.ts";
import type { CompileEgress } from "./network.ts";
import { ConfigError, type Finding, inOrder, type Problem } from "./problem.ts";
import type { ReferenceSources } from "./references.ts";
import { type Origin, resolveConfig } from "./resolve.ts";
import { configSchema, type Parsed } from "./schema/index.ts";
import { type Places, parseSource, type Source } from "./source.ts";

/** A configuration is written by people; one of this size was not. */
const maxFileBytes = 4 * 1024 * 1024;
/** A secret is a line or a page. */
const maxSecretBytes = 64 * 1024;

export type Environment = Readonly<Record<string, string | undefined>>;

export interface LoadOptions {
  /** Where `${env:NAME}` leads. */
  readonly env: Environment;
  /** Knows which addresses may be dialled. Absent: addresses that the file itself names are checked only when they are dialled. */
  readonly compileEgress?: CompileEgress;
}

/** A configuration that was loaded, and where its parts stand, for what is found out about them later. */
export interface Loaded {
  readonly config: Config;
  readonly places: Places;
  /** The file's text as it was read. */
  readonly text: string;
  /** What is allowed and yet probably not meant. */
  readonly warnings: readonly Problem[];
  /** The file as it was read, for what stands beside it. */
  readonly read: ReadFile;
}

/** A sound file before it is resolved. */
export interface ReadFile {
  readonly parsed: Parsed;
  readonly source: Source;
  readonly origin: Origin;
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
export const parseConfig = (text: string, file: string, options: LoadOptions): Loaded => {
  const origin = originOf(file);
  const sources: ReferenceSources = { env: (name) => options.env[name], file: (path) => readSecret(origin.absolute(path)) };
  const { parsed, source } = parseSound(text, { sources, origin, checks: checksOf(origin, options.compileEgress) });
  return {
    config: resolveConfig(parsed, origin),
    places: source,
    text,
    warnings: inOrder(unknownGroups(parsed).map((finding) => source.problem(finding))),
    read: { parsed, source, origin },
  };
};

/** What of a configuration can be known without its secrets. */
export interface Structure {
  readonly policies: Config["policies"];
  readonly recording: Config["recording"];
  readonly places: Places;
}

/**
 * Loads a file without looking up a single secret, for tools that run where those are not (`weir mask`).
 * @throws ConfigError with every problem that shows without them.
 */
export const loadStructure = (file: string): Structure => {
  const origin = originOf(file);
  const nothing: ReferenceSources = { env: () => unresolved, file: (path) => ({ text: unresolved, path }) };
  const checks = checksOf(origin, undefined).filter(({ opensSecrets }) => opensSecrets === undefined);
  const { parsed, source } = parseSound(readConfig(file), { sources: nothing, origin, checks });
  const { policies, recording } = resolveConfig(parsed, origin);
  return { policies, recording, places: source };
};

/** Stands for a secret that was not looked up. */
const unresolved = "unresolved";

/** What others found wrong with a loaded configuration (a pattern that does not compile, an unknown detector), as an error like any other of the file. */
export const refuse = (places: Places, findings: readonly Finding[]): ConfigError =>
  new ConfigError(inOrder(findings.map((finding) => places.problem(finding))));

/** The text of a file that people wrote. Throws ConfigError. */
export const readConfig = (file: string): string => {
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

/** What a reference to a file leads to. Throws what the file system throws. */
export const readSecret = (path: string): { readonly text: string; readonly path: string } => ({
  text: readText(path, maxSecretBytes),
  path,
});

const readText = (path: string, maxBytes: number): string => {
  if (statSync(path).size > maxBytes) throw new Error(`is larger than ${maxBytes} bytes`);
  const bytes = readFileSync(path);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Error("is not UTF-8");
  }
};

const digest = (path: string): string => {
  try {
    return createHash("sha256").update(readFileSync(path)).digest("hex");
  } catch {
    return "unreadable"; // told by whoever needs what stands in it
  }
};

const originOf = (file: string): Origin => {
  const folder = dirname(resolve(file));
  return { file, absolute: (path) => resolve(folder, path), digest };
};

/** Every check of how the parts of a configuration fit together. */
export const checksOf = ({ absolute }: Origin, compileEgress: CompileEgress | undefined): readonly Check[] => [
  ...gatewayChecks({ dataDir: ({ dataDir }) => absolute(dataDir), compileEgress }),
  ...tlsChecks,
  ...callerChecks,
  ...connectionChecks(compileEgress),
  ...policyChecks,
  ...promiseChecks,
];

interface Reading {
  readonly sources: ReferenceSources;
  readonly origin: Origin;
  readonly checks: readonly Check[];
}

const parseSound = (text: string, { sources, origin, checks }: Reading): { readonly parsed: Parsed; readonly source: Source } => {
  const source = parseSource(text, origin.file);
  const { parsed, findings } = checkSections(source.value, configSchema(sources), checks);
  if (parsed === undefined || findings.length > 0) throw refuse(source, findings);
  return { parsed, source };
};
