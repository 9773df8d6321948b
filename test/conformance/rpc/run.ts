/**
 * Runs connectconformance (connectrpc.com/conformance) with Weir between its reference client and its reference server: once passing calls on unread,
 * once with the suite's descriptors given and every message masked in both directions. Further arguments go to the suite (`--run PATTERN`, `--trace`).
 *
 *     .ci/programs/build FOLDER
 *     npx tsx test/conformance/rpc/run.ts FOLDER [pass|mask] [ARGUMENT...]
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startDatabaseServer } from "../../support/database-server.ts";
import { type ServerParts, startServer } from "./server-under-test.ts";
import { readMessage } from "./size-delimited.ts";

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const bin = (name: string): string => here(`../../../node_modules/.bin/${name}`);

const [programs, ...more] = process.argv.slice(2);
if (programs === undefined) throw new Error("usage: run.ts PROGRAMS [pass|mask] [ARGUMENT...]");

interface Ran {
  readonly code: number;
  readonly said: string;
}

/** Resolves with the exit code and what the command said, which is printed too. */
const run = (command: string, args: readonly string[]): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        said += String(chunk);
        process.stdout.write(chunk);
      });
    }
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? 1, said }));
  });

/** How many failed cases are tried again: cases about deadlines fail now and then where many programs share a machine. One that fails twice fails. */
const fewFailed = 20;

const failedCases = ({ said }: Ran): readonly string[] => Array.from(said.matchAll(/^FAILED: (.*):$/gm), ([, name = ""]) => name);

/** Runs the suite: its own options, then the program under test. Resolves with the exit code. */
const runSuite = async (program: string, own: readonly string[], rest: readonly string[]): Promise<number> => {
  const first = await run(program, [...own, ...rest]);
  const failed = failedCases(first);
  if (first.code === 0 || failed.length === 0 || failed.length > fewFailed) return first.code;
  process.stdout.write(`Once more, ${failed.length} failed:\n`);
  const { code } = await run(program, [...own, ...failed.flatMap((name) => ["--run", name]), ...rest]);
  const [, passed = "?"] = /(\d+) passed/.exec(first.said) ?? [];
  process.stdout.write(`${passed} passed; ${failed.length} failed, and ${code === 0 ? "passed" : "did not all pass"} when run once more\n`);
  return code;
};

/** Starts the server that a relay asks for, and ends it when the relay is gone. */
const serveRelay = async (line: Socket, parts: ServerParts): Promise<void> => {
  line.on("error", () => {}); // the suite kills its programs
  const started = await startServer(await readMessage(line), parts);
  line.write(started.response);
  line.resume();
  if (!line.destroyed) await once(line, "close");
  await started.close();
};

const listenForRelays = async (path: string, parts: ServerParts): Promise<{ close(): Promise<void> }> => {
  const serving: Promise<void>[] = [];
  const server = createServer((line) => {
    const served = serveRelay(line, parts).catch((error: unknown) => {
      process.exitCode = 1;
      process.stderr.write(`a server could not be had: ${error instanceof Error ? error.stack : String(error)}\n`);
      line.destroy();
    });
    serving.push(served);
  });
  server.listen(path);
  await once(server, "listening");
  return {
    close: async () => {
      server.close();
      await Promise.all(serving);
    },
  };
};

/** Servers at once: the suite waits 10 s for each to start, and they share one process. */
const mostServers = "2";

const modes = { pass: "Passing calls on unread", mask: "Masking every message" } as const;
type Mode = keyof typeof modes;
const isMode = (text: string | undefined): text is Mode => text !== undefined && text in modes;

const [first, ...rest] = more;
const wanted: readonly Mode[] = isMode(first) ? [first] : ["pass", "mask"];
const options = isMode(first) ? rest : more;

const folder = await mkdtemp(join(tmpdir(), "weir-conformance-"));
const descriptors = join(folder, "suite.binpb");
const server = await startDatabaseServer();
try {
  const built = await run(bin("buf"), ["build", join(programs, "proto"), "--output", descriptors]);
  if (built.code !== 0) throw new Error("the suite's descriptors could not be built");
  for (const mode of wanted) {
    process.stdout.write(`${modes[mode]}:\n`);
    const path = join(folder, `${mode}.sock`);
    const parts = { reference: join(programs, "referenceserver"), postgres: server.address };
    const relays = await listenForRelays(path, { ...parts, descriptors: mode === "mask" ? descriptors : undefined });
    const own = ["--mode", "server", "--conf", here("suite.yaml"), "--max-servers", mostServers, ...options];
    const code = await runSuite(join(programs, "connectconformance"), own, ["--", process.execPath, here("relay.mjs"), path]);
    await relays.close();
    if (code !== 0) process.exitCode = code;
  }
} finally {
  await server.stop();
  await rm(folder, { recursive: true });
}
