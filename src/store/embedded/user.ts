/** As whom the embedded server runs: PostgreSQL refuses to run as root. */

import { readFileSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";

export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/** What spawn is told to become another user; nothing when we are that user already. */
export const asUser = (user: ServerUser): { uid?: number; gid?: number } =>
  user.uid === process.getuid?.() ? {} : { uid: user.uid, gid: user.gid };

/** The number that `nobody` has nearly everywhere (Linux; macOS has it in its directory service as -2, which no file says). */
const overflowId = 65_534;

/** The unprivileged user of last resort, read from passwd(5). */
const nobody = (): ServerUser => {
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((entry) => entry.startsWith("nobody:"));
  const [, , uid, gid] = line?.split(":") ?? [];
  return { uid: Number(uid ?? overflowId), gid: Number(gid ?? overflowId) };
};

/** Who this process is, or whom the server becomes when this process is root. */
export const defaultUser = (): ServerUser => {
  const uid = process.getuid?.();
  const gid = process.getgid?.();
  if (uid === undefined || gid === undefined)
    throw new Error("The embedded database needs unix sockets; set database: to a PostgreSQL URL.");
  return uid === 0 ? nobody() : { uid, gid };
};

const permits = (stats: Stats, user: ServerUser, bit: number): boolean => {
  if (stats.uid === user.uid) return (stats.mode & (bit << 6)) !== 0;
  if (stats.gid === user.gid) return (stats.mode & (bit << 3)) !== 0;
  return (stats.mode & bit) !== 0;
};

const executeBit = 1;

/** Whether the user may go down to this path, judged by the modes of every folder above it. */
export const canReach = (path: string, user: ServerUser): boolean => {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (!permits(statSync(folder), user, executeBit)) return false;
    if (folder === dirname(folder)) return true;
  }
};

/** Whether the user may execute this file, or enter this folder. */
export const canExecute = (path: string, user: ServerUser): boolean => permits(statSync(path), user, executeBit) && canReach(path, user);
