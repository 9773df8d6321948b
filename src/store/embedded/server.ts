/** Starts the server process and waits until it takes connections. */

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, constants, openSync, readFileSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Binaries } from "./binaries.ts";
import { serverEnvironment } from "./cluster.ts";
import type { Home } from "./home.ts";
import { readPostmaster } from "./postmaster.ts";
import { asUser } from "./user.ts";

/** Fit for a laptop: little memory, few processes, no shortcut in durability (fsync and full_page_writes stay on). */
const settings: Readonly<Record<string, string>> = {
  listen_addresses: "",
  unix_socket_permissions: "0700",
  max_connections: "60",
  shared_buffers: "32MB",
  huge_pages: "off",
  wal_level: "minimal",
  max_wal_senders: "0",
  max_wal_size: "512MB",
  min_wal_size: "64MB",
  io_method: "sync",
  max_worker_processes: "2",
  max_parallel_workers_per_gather: "0",
  jit: "off",
  timezone: "UTC",
  log_timezone: "UTC",
  log_line_prefix: "%m ",
  // Statements may carry what belongs to callers: the server's log never shows them.
  log_min_error_statement: "panic",
  log_parameter_max_length_on_error: "0",
};

/** A crashed server first replays its log, at most `max_wal_size` of it. */
const readyMs = 60_000;
const lookMs = 10;

/** The server's log starts anew beyond this size, bytes: it says little, and nobody rotates it. */
const largestLog = 1024 * 1024;

const openLog = (path: string): number => {
  const fresh = (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > largestLog ? constants.O_TRUNC : 0;
  // O_NOFOLLOW: when we are root, the folder belongs to somebody who must not choose what we write to.
  return openSync(path, constants.O_CREAT | constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW | fresh, 0o600);
};

const launch = (home: Home, binaries: Binaries, socketFolder: string): ChildProcess => {
  const flags = Object.entries({ ...settings, unix_socket_directories: socketFolder }).flatMap(([name, value]) => [
    "-c",
    `${name}=${value}`,
  ]);
  const output = openLog(home.log);
  try {
    // detached: a session of its own, so that Ctrl-C at our terminal does not stop the server under the gateway.
    const child = spawn(binaries.postgres, ["-D", home.data, ...flags], {
      ...asUser(home.user),
      cwd: home.folder,
      env: serverEnvironment,
      stdio: ["ignore", output, output],
      detached: true,
    });
    child.unref();
    return child;
  } finally {
    closeSync(output);
  }
};

const lastLines = (path: string): string => readFileSync(path, "utf8").trim().split("\n").slice(-5).join("\n");

/** Starts the server; resolves with its process number once it is ready. */
export const startServer = async (home: Home, binaries: Binaries, socketFolder: string): Promise<number> => {
  const child = launch(home, binaries, socketFolder);
  let failure: string | undefined;
  child.once("error", (error) => {
    failure = error.message;
  });
  child.once("exit", (code, signal) => {
    failure ??= `it ended with ${signal ?? `status ${code}`}\n${lastLines(home.log)}`;
  });
  for (const deadline = Date.now() + readyMs; Date.now() < deadline; await sleep(lookMs)) {
    if (failure !== undefined) break;
    const postmaster = readPostmaster(home);
    if (postmaster !== undefined && postmaster.pid === child.pid && postmaster.ready) return postmaster.pid;
  }
  child.kill("SIGQUIT");
  throw new Error(`The embedded database did not start: ${failure ?? `not ready within ${readyMs / 1000} s`}`);
};
