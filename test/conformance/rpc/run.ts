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

/** Resolves with the exit code; what the command prints is printed. */
const run = (command: string, args: readonly string[]): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: "inherit" });
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });

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
  const server = createServer((line) => serving.push(serveRelay(line, parts)));
  server.listen(path);
  await once(server, "listening");
  return {
    close: async () => {
      server.close();
      await Promise.all(serving);
    },
  };
};

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
  if ((await run(bin("buf"), ["build", join(programs, "proto"), "--output", descriptors])) !== 0)
    throw new Error("the suite's descriptors could not be built");
  for (const mode of wanted) {
    process.stdout.write(`${modes[mode]}:\n`);
    const path = join(folder, `${mode}.sock`);
    const parts = { reference: join(programs, "referenceserver"), postgres: server.address };
    const relays = await listenForRelays(path, { ...parts, descriptors: mode === "mask" ? descriptors : undefined });
    const suite = ["--mode", "server", "--conf", here("suite.yaml"), ...options, "--", process.execPath, here("relay.mjs"), path];
    const code = await run(join(programs, "connectconformance"), suite);
    await relays.close();
    if (code !== 0) process.exitCode = code;
  }
} finally {
  await server.stop();
  await rm(folder, { recursive: true });
}
