/** Objects that people declare to a running gateway (`weir apply`): as they wrote them, checked as far as that goes without the gateway. */

import { resolve } from "node:path";
import { z } from "zod";
import { callerChecks } from "./check/caller.ts";
import type { Check } from "./check/check.ts";
import { connectionChecks } from "./check/connection.ts";
import { policyChecks } from "./check/policy.ts";
import { type Checked, checkSections } from "./check/sections.ts";
import type { IssuerConfig, PolicyConfig } from "./config.ts";
import { publishSchema } from "./json-schema.ts";
import { type Environment, readSecret, refuse } from "./load.ts";
import type { Finding, Path } from "./problem.ts";
import type { ReferenceSources } from "./references.ts";
import { issuerOf, policyOf } from "./resolve.ts";
import { configSchema, type Parsed } from "./schema/index.ts";
import type { Secret } from "./secret.ts";
import { type Places, parseSource } from "./source.ts";

const declaredSections = ["connections", "policies", "issuers"] as const;
export type DeclaredSection = (typeof declaredSections)[number];

type Json = z.infer<ReturnType<typeof z.json>>;

/** One object, as it was written. */
export interface DeclaredObject {
  readonly section: DeclaredSection;
  readonly name: string;
  /** Without `name`, and of a connection without `credential`; no default is filled in. */
  readonly document: Readonly<Record<string, Json>>;
  /** Of a connection. `header` is in lower case. */
  readonly credential: { readonly header: string; readonly value: Secret } | undefined;
  /** Where it stands in its file. */
  readonly path: Path;
}

/** Objects that were read, and what they mean. */
export interface Declarations {
  readonly objects: readonly DeclaredObject[];
  /** Sections of the file that belong to a gateway's own file. Nothing in them was looked at, and no reference resolved. */
  readonly leftOut: readonly string[];
  readonly places: Places;
  /** With defaults, for checks of what rules are made of. */
  readonly policies: readonly PolicyConfig[];
  readonly issuers: readonly IssuerConfig[];
}

export interface DeclarationOptions {
  /** Where `${env:NAME}` leads. */
  readonly env: Environment;
  /** The folder at which the paths of references start. */
  readonly folder: string;
}

/**
 * Reads a file for `weir apply`: any of the sections connections, policies and issuers. `file` is how problems name it.
 * @throws ConfigError with every problem that shows without the gateway.
 */
export const parseDeclarations = (text: string, file: string, options: DeclarationOptions): Declarations => {
  const source = parseSource(text, file);
  const leftOut = sectionsOfGateway().filter((section) => Object.hasOwn(Object(source.value), section));
  const value = without(source.value, leftOut);
  if (isMap(value) && Object.keys(value).length === 0)
    throw refuse(source, [{ path: [], message: "the file declares nothing: it has no connections, policies or issuers" }]);
  return { ...read(value, source, options), leftOut };
};

/**
 * Reads a file that is one object as it stands in a list of its section, name included.
 * @throws ConfigError with every problem that shows without the gateway.
 */
export const parseDeclaration = (section: DeclaredSection, text: string, file: string, options: DeclarationOptions): Declarations => {
  const source = parseSource(text, file);
  return { ...read({ [section]: [source.value] }, firstOfItsList(source), options), leftOut: [] };
};

/** Places in a file that is one object, by the paths that it has as the only one of its section. */
const firstOfItsList = (source: Places): Places => {
  const inside = (path: Path): Path => path.slice(2);
  return {
    problem: (finding) => source.problem({ ...finding, path: inside(finding.path) }),
  };
};

/** Every section of weir.yaml but those that can be declared. */
const sectionsOfGateway = (): readonly string[] =>
  Object.keys(publishSchema().properties ?? {}).filter((section) => !declaredSections.some((each: string) => each === section));

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const without = (value: unknown, keys: readonly string[]): unknown =>
  isMap(value) ? Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key))) : value;

type DeclaredParts = Pick<Parsed, DeclaredSection>;

const read = (value: unknown, places: Places, { env, folder }: DeclarationOptions): Omit<Declarations, "leftOut"> => {
  const sources: ReferenceSources = { env: (name) => env[name], file: (path) => readSecret(resolve(folder, path)) };
  const schema = configSchema(sources).pick({ connections: true, policies: true, issuers: true });
  const { parsed, findings }: Checked<DeclaredParts> = checkSections(value, schema, checksWithoutGateway);
  const all = [...findings, ...filesNamed(value)];
  if (parsed === undefined || all.length > 0) throw refuse(places, all);
  const objects = declaredSections.flatMap((section) => objectsOf(section, Object(value)[section], parsed));
  return { objects, places, policies: parsed.policies.map(policyOf), issuers: parsed.issuers.map(issuerOf) };
};

/** How sections fit together is for the gateway to say: it knows what else there is. */
const checksWithoutGateway: readonly Check[] = [...connectionChecks(undefined), ...policyChecks, ...callerChecks].filter(
  ({ reads: [section, second] }) => second === undefined && declaredSections.some((each) => each === section),
);

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const objectsOf = (section: DeclaredSection, written: unknown, parsed: DeclaredParts): readonly DeclaredObject[] =>
  listOf(written).map((each, index) => ({
    section,
    name: parsed[section][index]?.name ?? "",
    document: z.record(z.string(), z.json()).parse(without(each, section === "connections" ? ["name", "credential"] : ["name"])),
    credential: section === "connections" ? parsed.connections[index]?.credential : undefined,
    path: [section, index],
  }));

const filesOfDescriptors = ["file", "proto", "roots"] as const;

/** Findings where connections name files of this machine. */
const filesNamed = (value: unknown): readonly Finding[] =>
  listOf(Object(value).connections).flatMap((connection, index) =>
    filesOfDescriptors.flatMap((key) => {
      const written: unknown = Object(Object(connection).descriptors)[key];
      const message = `descriptors.${key} names files, and a gateway reads none for who asks over its API: use builtin or reflection, or declare this connection in the gateway's own file`;
      return written === undefined ? [] : [{ path: ["connections", index, "descriptors", key], atKey: true, message }];
    }),
  );
