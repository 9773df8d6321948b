/**
 * A lock on a folder, held by one process and never by a dead one.
 *
 * Locks are numbered files `lock.N`; the highest number holds. Taking over from a dead holder means creating the next number exclusively, so
 * nobody ever removes a file that somebody else may just have taken: of two processes that see the same dead holder, one creates the next file.
 */

import { linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { hasCode } from "./errno.ts";
import { startOf } from "./process-identity.ts";

const lockName = /^lock\.(\d{1,15})$/;

/** The folder is in use by a process that runs. */
export class FolderBusyError extends Error {
  constructor(folder: string, holder: string) {
    super(`${folder} is in use by another process (${holder})`);
    this.name = "FolderBusyError";
  }
}

export interface FolderLock {
  release(): void;
}

interface Holder {
  readonly pid: number;
  readonly started: string | undefined;
  readonly host: string;
}

const numbers = (folder: string): number[] =>
  readdirSync(folder)
    .map((name) => Number(lockName.exec(name)?.[1] ?? Number.NaN))
    .filter((number) => !Number.isNaN(number))
    .sort((a, b) => a - b);

const fileOf = (folder: string, number: number): string => join(folder, `lock.${number}`);

const readHolder = (path: string): Holder | undefined => {
  try {
    const [pid, started, host] = readFileSync(path, "utf8").split("\n");
    return { pid: Number(pid), started: started === "" ? undefined : started, host: host ?? "" };
  } catch (thrown) {
    if (hasCode(thrown, "ENOENT")) return undefined;
    throw thrown;
  }
};

/** Process numbers mean nothing on another host (or in another container), where the holder cannot be seen: such a lock is a dead one. */
const lives = (holder: Holder): boolean => {
  if (holder.host !== hostname()) return false;
  const started = startOf(holder.pid);
  return started !== undefined && started === holder.started;
};

/** Creates the file with its whole content at once, or says that somebody else has. */
const create = (folder: string, number: number): boolean => {
  const draft = join(folder, `.lock-${process.pid}-${number}`);
  writeFileSync(draft, `${process.pid}\n${startOf(process.pid) ?? ""}\n${hostname()}\n`, { mode: 0o600, flush: true });
  try {
    linkSync(draft, fileOf(folder, number));
    return true;
  } catch (thrown) {
    if (hasCode(thrown, "EEXIST")) return false;
    throw thrown;
  } finally {
    rmSync(draft, { force: true });
  }
};

const held = (folder: string, mine: number): FolderLock => {
  for (const number of numbers(folder)) if (number < mine) rmSync(fileOf(folder, number), { force: true });
  return { release: () => rmSync(fileOf(folder, mine), { force: true }) };
};

/** Takes the folder's lock, which must exist. Throws {@link FolderBusyError} while another living process (or this one) holds it. */
export const lockFolder = (folder: string): FolderLock => {
  for (;;) {
    const highest = numbers(folder).at(-1) ?? 0;
    const holder = highest === 0 ? undefined : readHolder(fileOf(folder, highest));
    if (holder !== undefined && lives(holder)) throw new FolderBusyError(folder, `process ${holder.pid}`);
    if (!create(folder, highest + 1)) continue;
    // Whoever listed the folder before a take-over and a release may have created a number that is no longer the highest.
    if (numbers(folder).at(-1) === highest + 1) return held(folder, highest + 1);
    rmSync(fileOf(folder, highest + 1), { force: true });
  }
};
