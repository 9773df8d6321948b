/** Weir as one target of the harness: its scratch folder, its secrets, its database on the client's core. */

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Target } from "./arena.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
/** The harness pins its client and the mock model here; a database that shared the gateway's core would count twice. */
const clientCore = "0";
/** Clock ticks of /proc/PID/stat per second: Linux has used 100 on every platform that Node runs on. */
const ticksPerSecond = 100;

const databaseSchema = z.object({ url: z.string(), pid: z.number() });

export interface Database {
  readonly url: string;
  /** CPU seconds that the server and all its processes, ended ones included, have used. */
  readonly cpuSeconds: () => number;
  readonly stop: () => Promise<void>;
}

/** User and system ticks of a process and of its ended children: fields 14 to 17 of proc(5)'s stat; 0 once it has ended. */
const ticksOf = (pid: number): number => {
  try {
    const afterName = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return afterName.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0);
  } catch {
    return 0;
  }
};

const childrenOf = (pid: number): readonly number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);

/** Starts the project's embedded PostgreSQL, pinned to the client's core. */
export const startDatabase = async (folder: string): Promise<Database> => {
  const script = join(root, "bench/gateway/database.ts");
  const child = spawn("taskset", ["-c", clientCore, process.execPath, "--import", "tsx", script, folder], {
    cwd: root,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  for await (const line of createInterface({ input: child.stdout })) {
    const { url, pid } = databaseSchema.parse(JSON.parse(line));
    return {
      url,
      cpuSeconds: () => [pid, ...childrenOf(pid)].reduce((sum, each) => sum + ticksOf(each), 0) / ticksPerSecond,
      stop: () => {
        child.stdin.end(); // the script stops its server when its input ends
        return ended;
      },
    };
  }
  throw new Error("the database ended before it was ready");
};

/** A line for the harness's target list; the gateway starts in a fresh folder of its own under the arena. */
export const weirTarget = (arenaFolder: string, databaseUrl: string): Target => {
  const cwd = join(arenaFolder, "weir");
  rmSync(cwd, { recursive: true, force: true });
  mkdirSync(cwd, { recursive: true });
  copyFileSync(join(root, "bench/gateway/weir.bench.yaml"), join(cwd, "weir.bench.yaml"));
  const key = `weir_${randomBytes(32).toString("hex")}`;
  return {
    name: "weir",
    url: "http://127.0.0.1:9220/v1",
    headers: { Authorization: `Bearer ${key}` },
    start: `${process.execPath} ${join(root, "dist/src/cli/main.js")} serve --config weir.bench.yaml`,
    cwd,
    env: {
      NODE_ENV: "production",
      DATABASE_URL: databaseUrl,
      WEIR_BENCH_KEY: key,
      WEIR_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
    },
    ready: "http://127.0.0.1:9220/readyz",
    masks: true,
    note: "identity, policy, masking with every detector in both directions, recording: all on",
  };
};
