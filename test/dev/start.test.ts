import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { weir, weirHere } from "../support/command-line.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

interface Started {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  /** All that it printed. */
  readonly page: string;
  readonly client: OpenAI;
  readonly admin: readonly string[];
}

const environment = { ...process.env, OPENAI_API_KEY: "", OPENAI_BASE_URL: "" };

const launch = (folder: string, ...args: readonly string[]) =>
  spawn(process.execPath, ["scripts/run.mjs", "dist/src/dev/main.js", "--data", folder, "--port", "0", ...args], {
    cwd: root,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });

const foundIn = (page: string, pattern: RegExp): string => pattern.exec(page)?.[1] ?? "";

const start = async (folder: string): Promise<Started> => {
  const child = launch(folder);
  let page = "";
  for await (const piece of child.stdout.setEncoding("utf8") as AsyncIterable<string>) {
    page += piece;
    if (page.includes("Ctrl-C")) break;
  }
  child.stderr.resume();
  const key = foundIn(page, /authorization: Bearer (weir_\w+)/);
  const client = new OpenAI({ baseURL: `${foundIn(page, /gateway +(\S+)/)}/v1`, apiKey: key, maxRetries: 0 });
  return { child, page, client, admin: ["--url", foundIn(page, /admin +(\S+)/), "--token", key] };
};

const stop = async ({ child }: Started, signal: NodeJS.Signals): Promise<number | null> => {
  const ended = once(child, "exit");
  child.kill(signal);
  const [code] = (await ended) as [number | null];
  return code;
};

const sessionIds = async ({ admin }: Started): Promise<readonly string[]> => {
  const { stdout } = await weirHere(["sessions", "list", "-o", "json", ...admin]);
  return (JSON.parse(stdout) as readonly { readonly id: string }[]).map(({ id }) => id);
};

let folder: string;
beforeAll(async () => {
  await weir(["--version"]); // builds what is stale
  folder = mkdtempSync(join(tmpdir(), "weir start "));
  chmodSync(folder, 0o755); // as root, the database runs as another user and must be able to pass
});
afterAll(() => {
  rmSync(realpathSync(join(folder, "data/postgres")), { recursive: true });
  rmSync(folder, { recursive: true });
});

describe("npm start", () => {
  it("streams an answer with its secrets masked, keeps its record and its key over a crash, and ends cleanly", async () => {
    const first = await start(folder);
    const messages = [{ role: "user" as const, content: "my key is AKIAIOSFODNN7EXAMPLE" }];
    const { data: stream, response } = await first.client.chat.completions
      .create({ model: "sample", stream: true, messages })
      .withResponse();
    let answer = "";
    for await (const { choices } of stream) answer += choices[0]?.delta.content ?? "";
    expect(answer).toContain("my key is [AWS_ACCESS_KEY_ID]");
    expect(answer).toMatch(/\[EMAIL\]/);
    expect(answer).not.toMatch(/AKIA[A-Z2-7]{16}|ghp_\w{36}|eyJ[\w-]{10,}|@example|\b4\d{3} \d{4} \d{4} \d{4}\b/);
    const id = response.headers.get("x-request-id") ?? "";
    expect(await stop(first, "SIGKILL")).toBeNull();

    const second = await start(folder);
    expect(second.client.apiKey).toBe(first.client.apiKey);
    expect(await sessionIds(second)).toContain(id);
    const { stdout } = await weirHere(["sessions", "replay", id, "--speed", "0", ...second.admin]);
    expect(stdout).toContain(answer.trim().split("\n")[0]);
    expect(await stop(second, "SIGINT")).toBe(0);
  });

  it("says what to do about a port that is taken", async () => {
    const running = await start(folder);
    const port = foundIn(running.page, /gateway +http:\/\/127\.0\.0\.1:(\d+)/);
    const other = launch(folder, "--port", port);
    other.stdout.resume();
    let told = "";
    for await (const piece of other.stderr.setEncoding("utf8") as AsyncIterable<string>) told += piece;
    expect(told).toContain(`Port ${port} on 127.0.0.1 is taken`);
    expect(await stop(running, "SIGTERM")).toBe(0);
  });
});
