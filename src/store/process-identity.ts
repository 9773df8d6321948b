/** Tells a process from a later one that was given the same number. */

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { hasCode } from "./errno.ts";

/** proc_pid_stat(5): field 22 is the start time; fields are counted from 3 after the command's closing parenthesis. */
const startTimeField = 22 - 3;

/** Field 3: a zombie or a dead process, killed and not yet waited for. In a container whose first process waits for nobody it stays so. */
const ended: ReadonlySet<string | undefined> = new Set(["Z", "X"]);

const startedByProc = (pid: number): string | undefined => {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (ended.has(fields[0])) return undefined;
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
  return `${boot}/${fields[startTimeField]}`;
};

/** When the process began, in a form that only compares; undefined when no such process runs. */
export const startOf = (pid: number): string | undefined => {
  try {
    if (process.platform === "linux") return startedByProc(pid);
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return undefined;
  }
};

/** Whether a process of that number runs, whoever owns it. */
export const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return hasCode(thrown, "EPERM");
  }
};
