/** The data folder of the embedded database: made by initdb, complete or not at all. */

import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, existsSync, fchownSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { hasCode } from "../errno.ts";
import type { Binaries } from "./binaries.ts";
import type { Home } from "./home.ts";
import { asUser } from "./user.ts";

const run = promisify(execFile);

/** The superuser of the embedded database, and the name of the database itself. */
export const databaseUser = "weir";

/** Server programs see nothing of our environment, which holds keys and credentials. */
export const serverEnvironment = { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };

const passwordBytes = 24;

/** The password of the embedded database, made at the first start and kept beside its data, readable by the server's user alone. */
export const password = (home: Home): string => {
  try {
    return readFileSync(home.password, "utf8").trim();
  } catch (thrown) {
    if (!hasCode(thrown, "ENOENT")) throw thrown;
  }
  if (existsSync(home.data)) throw new Error(`${home.password} is gone, without which ${home.data} cannot be opened.`);
  const draft = `${home.password}.new`;
  const made = randomBytes(passwordBytes).toString("base64url");
  rmSync(draft, { force: true });
  const file = openSync(draft, "wx", 0o600);
  writeFileSync(file, `${made}\n`, { flush: true });
  if (process.getuid?.() === 0) fchownSync(file, home.user.uid, home.user.gid);
  closeSync(file);
  renameSync(draft, home.password);
  return made;
};

const initdbArguments = (home: Home, folder: string): string[] => [
  `--pgdata=${folder}`,
  `--username=${databaseUser}`,
  "--auth=scram-sha-256",
  `--pwfile=${home.password}`,
  "--encoding=UTF8",
  // The builtin provider sorts by code point on every system alike: no index breaks when a system's libraries change.
  "--locale-provider=builtin",
  "--builtin-locale=C.UTF-8",
  "--locale=C",
  "--no-instructions",
];

const reasonOf = (thrown: unknown): string =>
  thrown instanceof Error && "stderr" in thrown && typeof thrown.stderr === "string" && thrown.stderr !== ""
    ? thrown.stderr.trim()
    : String(thrown);

/** Makes the data folder if it is not there. What an interrupted start left is thrown away. */
export const makeCluster = async (home: Home, binaries: Binaries): Promise<void> => {
  if (existsSync(home.data)) return;
  const draft = `${home.data}.new`;
  rmSync(draft, { recursive: true, force: true });
  try {
    await run(binaries.initdb, initdbArguments(home, draft), { ...asUser(home.user), cwd: home.folder, env: serverEnvironment });
  } catch (thrown) {
    throw new Error(`The embedded database could not be made in ${home.folder}: ${reasonOf(thrown)}`, { cause: thrown });
  }
  renameSync(draft, home.data);
};
