/** One configuration out of the file and the database, checked as if all of it stood in one place. */

import { type DeclaredObject, type DeclaredSections, readDeclared } from "./declared.ts";
import { type ObjectKind, objectKinds, sectionOf } from "./documents.ts";
import { checksOf, type Loaded, refuse } from "./load.ts";
import type { CompileEgress } from "./network.ts";
import type { Finding } from "./problem.ts";
import { resolveConfig } from "./resolve.ts";
import type { Parsed } from "./schema/index.ts";
import type { Source } from "./source.ts";
import { type Counts, UnitedPlaces } from "./united-places.ts";

/** What is declared beside the file. */
export interface Beside {
  readonly objects: readonly DeclaredObject[];
  readonly compileEgress: CompileEgress;
}

/**
 * The configuration of `loaded`'s file with what is declared beside it; settings that the running process is built on stay as `loaded` has them.
 * @throws ConfigError with every problem found: of an object by its kind and name, of the file by line and column.
 */
export const unite = (loaded: Loaded, { objects, compileEgress }: Beside): Loaded => {
  if (objects.length === 0) return loaded;
  const { parsed, source, origin } = loaded.read;
  const counts = countsOf(parsed);
  const places = new UnitedPlaces(source, counts, objects);
  const read = readDeclared(objects);
  const wrong = "findings" in read ? read.findings.map((finding) => behindFile(finding, counts)) : namedTwice(loaded, objects);
  if ("findings" in read || wrong.length > 0) throw refuse(places, wrong);
  const united = together(parsed, read.sections);
  const findings = checksOf(origin, compileEgress).flatMap(({ find }) => find(united));
  if (findings.length > 0) throw refuse(places, findings);
  const { listen, admin, database, dataDir, encryptionKey } = loaded.config;
  const config = Object.freeze({ ...resolveConfig(united, origin), listen, admin, database, dataDir, encryptionKey });
  return { ...loaded, config, places };
};

const countsOf = ({ connections, policies, issuers }: DeclaredSections): Counts => ({
  connection: connections.length,
  policy: policies.length,
  issuer: issuers.length,
});

const together = (parsed: Parsed, { connections, policies, issuers }: DeclaredSections): Parsed => ({
  ...parsed,
  connections: [...parsed.connections, ...connections],
  policies: [...parsed.policies, ...policies],
  issuers: [...parsed.issuers, ...issuers],
});

/** A finding that counts from the first object of the database, counted from the first of the file. */
const behindFile = (finding: Finding, counts: Counts): Finding => {
  const [section, index, ...rest] = finding.path;
  const kind = objectKinds.find((each) => sectionOf[each] === section);
  if (kind === undefined || section === undefined || typeof index !== "number") return finding;
  return { ...finding, path: [section, index + counts[kind], ...rest] };
};

/** A finding at each object whose name the file has already: whoever reads the file must find what is in force. */
const namedTwice = ({ read: { parsed, source } }: Loaded, objects: readonly DeclaredObject[]): readonly Finding[] =>
  objectKinds.flatMap((kind) => {
    const names: readonly string[] = parsed[sectionOf[kind]].map(({ name }) => name);
    return objects
      .filter((object) => object.kind === kind)
      .flatMap(({ name }, index): Finding[] => {
        const at = names.indexOf(name);
        if (at < 0) return [];
        return [{ path: [sectionOf[kind], names.length + index], message: declaredAlready(kind, source, at) }];
      });
  });

const declaredAlready = (kind: ObjectKind, source: Source, index: number): string => {
  const { file, line, column } = source.locate([sectionOf[kind], index]);
  return `${file}:${line}:${column} declares ${kind === "issuer" ? "an" : "a"} ${kind} of this name already; it may stand in one of them`;
};
