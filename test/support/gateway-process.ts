/** A gateway in a process of its own, as `weir serve` runs it: for tests that end it without mercy. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface GatewayProcess {
  readonly url: string;
  readonly adminUrl: string;
  readonly pid: number;
  /** Sends SIGHUP: read the configuration again. */
  hangUp(): void;
  /** Ends it as a power cut would, and resolves once it is gone. */
  kill(): Promise<void>;
  /** Asks it to stop, and resolves with its exit code. */
  stop(): Promise<number | null>;
}

const program = fileURLToPath(new URL("../../bin/weir", import.meta.url));

/** The port and the admin port that the process says it listens on. */
const portsOf = async (child: ChildProcess): Promise<{ readonly port: number; readonly adminPort: number }> => {
  const said: string[] = [];
  if (child.stderr === null) throw new Error("the process has no stderr");
  for await (const line of createInterface({ input: child.stderr })) {
    said.push(line);
    if (!line.includes("The gateway is up.")) continue;
    const { port, adminPort } = JSON.parse(line) as { port: number; adminPort: number };
    child.stderr.resume();
    return { port, adminPort };
  }
  throw new Error(`the gateway did not come up:\n${said.join("\n")}`);
};

/** Runs `weir serve` on a configuration file until it is up. */
export const startGatewayProcess = async (file: string, env: Readonly<Record<string, string>>): Promise<GatewayProcess> => {
  const child = spawn(process.execPath, [program, "serve", "--config", file], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error("the gateway could not be started");
  const gone = once(child, "exit");
  const { port, adminPort } = await portsOf(child);
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    await gone;
    return child.exitCode;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    adminUrl: `http://127.0.0.1:${adminPort}`,
    pid,
    hangUp: () => {
      child.kill("SIGHUP");
    },
    kill: async () => {
      await end("SIGKILL");
    },
    stop: () => end("SIGTERM"),
  };
};
