/** Stops the server when this process is killed: a shell that waits for the end of a pipe, which the kernel closes whatever happens to us. */

import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Home } from "./home.ts";
import type { RunningServer } from "./postmaster.ts";

/**
 * `$1` is the server's process number, `$2` its lock file. `read` returns when the pipe closes: with `done` after a clean stop, with nothing
 * after our death. The lock file must still name the process, lest the number has gone to another. The server takes its socket away as it
 * ends; `$3`, the socket's folder, is then empty and goes too.
 */
const script =
  'read -r word; [ "$word" = done ] && exit; read -r pid < "$2" && [ "$pid" = "$1" ] || exit; kill -INT "$1"; for i in 1 2 3 4 5 6 7 8 9; do sleep 0.5; rmdir "$3" && exit; done';

export interface Guard {
  /** The server has been stopped: nothing is left to watch. */
  dismiss(): void;
}

/** Sets a guard beside the server. It has a session of its own, so that Ctrl-C at our terminal does not reach it. */
export const setGuard = (home: Home, { pid, socketFolder }: RunningServer): Guard => {
  const shell = spawn("/bin/sh", ["-c", script, "weir-database-guard", String(pid), join(home.data, "postmaster.pid"), socketFolder], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
    env: { PATH: "/usr/bin:/bin" },
    cwd: "/",
  });
  // A machine without a shell has no guard; the next start then adopts the server.
  shell.on("error", () => undefined);
  shell.stdin.on("error", () => undefined);
  shell.unref();
  return { dismiss: () => shell.stdin.end("done\n") };
};
