/**
 * Where the embedded database lives: `postgres` under the gateway's data folder, with `data` (PostgreSQL's own folder), `password` and
 * `server.log`. When root starts the gateway in a folder that the server's user cannot reach, `postgres` is a link to a system folder.
 */

import { randomBytes } from "node:crypto";
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, realpathSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { hasCode } from "../errno.ts";
import type { StoreLog } from "../log.ts";
import { canReach, defaultUser, type ServerUser } from "./user.ts";

export interface Home {
  /** Real path, without links. */
  readonly folder: string;
  readonly data: string;
  readonly password: string;
  readonly log: string;
  readonly user: ServerUser;
}

/** Where a server started by root may keep what its user must reach; the second for systems whose /var/lib is read-only. */
const systemFolders = ["/var/lib/weir", "/var/tmp/weir"];

const isRoot = (): boolean => process.getuid?.() === 0;

const tryMake = (folder: string): boolean => {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    chmodSync(folder, 0o755);
    return statSync(folder).uid === process.getuid?.();
  } catch (thrown) {
    if (hasCode(thrown, "EACCES", "EROFS", "EPERM")) return false;
    throw thrown;
  }
};

/** A folder that every user can reach and only root can write. */
export const systemFolder = (): string => {
  const folder = systemFolders.find(tryMake);
  if (folder === undefined)
    throw new Error(`Neither ${systemFolders.join(" nor ")} can be made for the embedded database; set database: to a PostgreSQL URL.`);
  return folder;
};

const makeFor = (folder: string, user: ServerUser): void => {
  mkdirSync(folder, { mode: 0o700 });
  if (isRoot()) chownSync(folder, user.uid, user.gid);
};

const makeHome = (link: string, user: ServerUser, log: StoreLog): void => {
  if (!isRoot() || canReach(link, user)) {
    makeFor(link, user);
    return;
  }
  const folder = join(systemFolder(), `postgres-${randomBytes(8).toString("hex")}`);
  makeFor(folder, user);
  symlinkSync(folder, link);
  log.info({ folder }, `The database runs as an ordinary user, who cannot reach ${link}: its data is in ${folder}.`);
};

/** The owner of the folder runs the server, so that root may start what an ordinary user began. */
const userOf = (folder: string): ServerUser => {
  const { uid, gid } = statSync(folder);
  const me = process.getuid?.();
  if (me !== 0 && uid !== me)
    throw new Error(`${folder} belongs to user ${uid}: start the gateway as that user or as root, or choose another dataDir.`);
  if (uid === 0)
    throw new Error(
      `${folder} belongs to root, as whom PostgreSQL refuses to run: give it to another user (chown -R) or choose another dataDir.`,
    );
  return { uid, gid };
};

/** The home of the embedded database under `dataDir`, made if it is not there. */
export const openHome = (dataDir: string, log: StoreLog): Home => {
  const link = join(resolve(dataDir), "postgres");
  mkdirSync(dirname(link), { recursive: true, mode: isRoot() ? 0o711 : 0o700 });
  if (!existsSync(link)) makeHome(join(realpathSync(dirname(link)), "postgres"), defaultUser(), log);
  const folder = realpathSync(link);
  return { folder, data: join(folder, "data"), password: join(folder, "password"), log: join(folder, "server.log"), user: userOf(folder) };
};

/** sun_path of unix(7) holds 107 bytes and a NUL on Linux, 103 on macOS; the server adds `/.s.PGSQL.5432`. */
const longestSocketFolder = 103 - "/.s.PGSQL.5432".length;

/** PostgreSQL reads a list of folders here, so that a comma, a quote or a leading @ would mean something. */
const plainPath = /^\/[\w./+-]*$/;

/** A new short folder for the server's socket, mode 0700, the server's own. */
export const makeSocketFolder = (user: ServerUser): string => {
  const temporary = realpathSync(tmpdir());
  const fits =
    plainPath.test(temporary) && temporary.length + "/weir-XXXXXX".length <= longestSocketFolder && canReach(join(temporary, "x"), user);
  const folder = mkdtempSync(join(fits ? temporary : "/tmp", "weir-"));
  if (isRoot()) chownSync(folder, user.uid, user.gid);
  return folder;
};
