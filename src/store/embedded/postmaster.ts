/** The server process as its lock file tells of it: `postmaster.pid` in the data folder (PostgreSQL's src/include/utils/pidfile.h). */

import { readdirSync, readFileSync, readlinkSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { hasCode } from "../errno.ts";
import { isRunning } from "../process-identity.ts";
import type { Home } from "./home.ts";

export interface RunningServer {
  readonly pid: number;
  readonly socketFolder: string;
}

export interface Postmaster extends RunningServer {
  readonly ready: boolean;
}

const pidFile = (home: Home): string => join(home.data, "postmaster.pid");

/** What the lock file says; undefined when there is none, or when it is not written yet. */
export const readPostmaster = (home: Home): Postmaster | undefined => {
  try {
    const lines = readFileSync(pidFile(home), "utf8").split("\n");
    const pid = Number(lines[0]);
    if (!Number.isSafeInteger(pid) || pid <= 1) return undefined;
    return { pid, socketFolder: lines[4] ?? "", ready: lines[7]?.trim() === "ready" };
  } catch (thrown) {
    if (hasCode(thrown, "ENOENT")) return undefined;
    throw thrown;
  }
};

const worksIn = (pid: string, folder: string): boolean => {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === folder;
  } catch {
    return false;
  }
};

const ownedBy = (pid: number, uid: number): boolean => {
  try {
    return statSync(`/proc/${pid}`).uid === uid;
  } catch {
    return false;
  }
};

/**
 * Whether the process named is a server of this very data folder and user, and not one that was given its number later. Every server process
 * works in the data folder. Where there is no /proc, whoever runs is taken for the server, and whether it knows the password decides.
 */
export const isServerOf = (home: Home, pid: number): boolean => {
  if (!isRunning(pid)) return false;
  return process.platform !== "linux" || (worksIn(String(pid), home.data) && ownedBy(pid, home.user.uid));
};

const anyServerProcess = (home: Home): boolean =>
  process.platform === "linux" && readdirSync("/proc").some((name) => /^\d+$/.test(name) && worksIn(name, home.data));

/** Children of a server that was killed end by themselves, at once unless they write; milliseconds to wait for them, and between looks. */
const orphansMs = 10_000;
const lookMs = 20;

/**
 * Takes away what a dead server left. PostgreSQL itself replaces the lock file of a dead process, but not one whose number another process
 * of the same user has now. INVARIANT: the file goes only when no process works in the data folder; it guards against two servers on one folder.
 */
export const clearStale = async (home: Home): Promise<void> => {
  const deadline = Date.now() + orphansMs;
  while (anyServerProcess(home)) {
    if (Date.now() > deadline) throw new Error(`Processes of an earlier server still work in ${home.data}.`);
    await sleep(lookMs);
  }
  const left = readPostmaster(home);
  if (left === undefined || !isRunning(left.pid) || process.platform === "linux") rmSync(pidFile(home), { force: true });
  if (left !== undefined && /\/weir-[A-Za-z0-9]{6}$/.test(left.socketFolder)) rmSync(left.socketFolder, { recursive: true, force: true });
};

const gone = async (home: Home, pid: number, withinMs: number): Promise<boolean> => {
  for (const deadline = Date.now() + withinMs; Date.now() < deadline; await sleep(lookMs)) if (!isServerOf(home, pid)) return true;
  return false;
};

const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name);
  } catch (thrown) {
    if (!hasCode(thrown, "ESRCH")) throw thrown;
  }
};

/** A fast shutdown ends transactions and writes a checkpoint: usually 0.1 s, longer on a slow disk. */
const fastShutdownMs = 20_000;
const immediateShutdownMs = 5_000;

/** Stops the server: fast (SIGINT), and at once (SIGQUIT) should that take too long. Both lose nothing that was committed. */
export const stopServer = async (home: Home, pid: number): Promise<void> => {
  if (!isServerOf(home, pid)) return;
  signal(pid, "SIGINT");
  if (await gone(home, pid, fastShutdownMs)) return;
  signal(pid, "SIGQUIT");
  if (!(await gone(home, pid, immediateShutdownMs))) throw new Error(`The database server (process ${pid}) does not stop.`);
};
