/** Runs Weir's command line: as a user does, in a process of its own, or here, which is quicker. */

import { spawn } from "node:child_process";
import { PassThrough, Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { runCommandLine } from "../../src/cli/program.ts";

const program = fileURLToPath(new URL("../../bin/weir", import.meta.url));

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
}

/** Resolves once the process has ended, whatever its exit code. */
export const weir = (args: readonly string[], { input = "", env = {} }: RunOptions = {}): Promise<Run> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], { env: { ...process.env, ...env } });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (piece: string) => {
      stdout += piece;
    });
    child.stderr.setEncoding("utf8").on("data", (piece: string) => {
      stderr += piece;
    });
    child.stdin.on("error", () => undefined); // a command that reads no input closes it
    child.stdin.end(input);
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });

/** Runs a command line in this process. */
export const weirHere = async (args: readonly string[], input: string | Uint8Array = ""): Promise<Run> => {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const written = Promise.all([buffer(stdout), buffer(stderr)]);
  const code = await runCommandLine(args, { stdin: Readable.from([Buffer.from(input)]), stdout, stderr });
  stdout.end();
  stderr.end();
  const [out, errors] = await written;
  return { code, stdout: out.toString(), stderr: errors.toString() }; // a decoder would take away a byte order mark
};
