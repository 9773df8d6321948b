import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { createLog } from "../../src/telemetry/index.ts";
import { type Run, weirHere } from "../support/command-line.ts";
import { cloneDatabase, type TestDatabase } from "../support/database.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";
import { chatAnswer, json, ScriptedUpstream } from "../support/upstream.ts";

const newKey = (): string => `weir_${randomBytes(32).toString("hex")}`;
const keys = { CALLER: newKey(), ADMIN: newKey() };
const modelKey = `sk-${randomBytes(16).toString("hex")}`;

let upstream: ScriptedUpstream;
let database: TestDatabase;
let gateway: TestGateway;
let folder: string;
const logged: string[] = [];

beforeAll(async () => {
  [upstream, database, folder] = await Promise.all([
    ScriptedUpstream.start(),
    cloneDatabase(inject("postgres")),
    mkdtemp(join(tmpdir(), "weir-apply-")),
  ]);
  upstream.script = json(chatAnswer("hello"));
  gateway = await startTestGateway({
    configuration: `
egress: { allow: [127.0.0.0/8] }
roles: { admin: [platform] }
recording: { detectors: [email] }
identities:
  - { name: caller, groups: [analysts], apiKey: "\${env:CALLER}" }
  - { name: root, kind: human, groups: [platform], apiKey: "\${env:ADMIN}" }
connections: [{ name: own, protocol: openai, upstream: "http://127.0.0.1:${upstream.port}/v1" }]
`,
    env: keys,
    database: database.address,
    log: createLog({ destination: { write: (line: string) => logged.push(line) } }),
  });
});
afterAll(async () => {
  await gateway.close();
  await Promise.all([database.drop(), upstream.close(), rm(folder, { recursive: true })]);
});
afterEach(() => vi.unstubAllEnvs());

const file = async (text: string): Promise<string> => {
  const path = join(folder, "apply.yaml");
  await writeFile(path, text);
  return path;
};

const weir = (...args: readonly string[]): Promise<Run> => weirHere([...args, "--url", gateway.adminUrl, "--token", keys.ADMIN]);

const apply = async (text: string, ...more: readonly string[]): Promise<Run> => weir("apply", "-f", await file(text), ...more);

const ask = (): Promise<Response> =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${keys.CALLER}`, "content-type": "application/json", "weir-connection": "gpt" },
    body: JSON.stringify({ model: "gpt-4o", messages: [{ role: "user", content: "hello" }] }),
  });

const declared = (mask = "email"): string => `
connections:
  - name: gpt
    protocol: openai
    upstream: http://127.0.0.1:${upstream.port}/v1
    credential: { header: authorization, value: "Bearer \${env:MODEL_KEY}" }
policies:
  - { name: analysts, match: { groups: [analysts], connections: [gpt] }, effect: allow, mask: { response: [${mask}] } }
`;

describe("weir apply", () => {
  it("creates, leaves alone what is the same, changes, tries without changing, and prunes", async () => {
    vi.stubEnv("MODEL_KEY", modelKey);
    const tried = await apply(declared(), "--dry-run");
    expect(tried).toMatchObject({ code: 0, stderr: "Nothing was changed: this was a dry run.\n" });
    expect(tried.stdout).toMatch(/^\+ connection gpt\n[\s\S]*\n2 created, 0 updated, 0 deleted, 0 unchanged\n$/);
    expect((await ask()).status).toBe(404);

    const created = await apply(declared());
    expect(created).toMatchObject({ code: 0, stdout: tried.stdout, stderr: "" });
    expect((await ask()).status).toBe(200);
    expect(upstream.calls.at(-1)?.headers.authorization).toBe(`Bearer ${modelKey}`);

    expect(await apply(declared())).toMatchObject({ code: 0, stdout: "0 created, 0 updated, 0 deleted, 2 unchanged\n" });

    const changed = await apply(declared("iban"));
    expect(changed.stdout).toContain("  -     - email\n  +     - iban\n");
    expect(changed.stdout).toContain("0 created, 1 updated, 0 deleted, 1 unchanged\n");

    const policies = declared("iban")
      .replace(/connections:[\s\S]*policies:/, "policies:")
      .replace(", connections: [gpt]", "");
    const pruned = await apply(policies, "--prune", "-o", "json");
    expect(JSON.parse(pruned.stdout)).toMatchObject([
      { id: "analysts", kind: "policy", action: "update" },
      { id: "gpt", kind: "connection", action: "delete" },
    ]);
    expect((await ask()).status).toBe(404);
    expect(JSON.parse((await weir("connections", "list", "-o", "json")).stdout)).toMatchObject([{ id: "own", managedBy: "file" }]);
  });

  it("takes a secret from its own environment to the upstream, and writes it nowhere", async () => {
    vi.stubEnv("MODEL_KEY", modelKey);
    const run = await apply(declared());
    expect((await ask()).status).toBe(200);
    const shown = [run, await weir("connections", "list", "-o", "json"), await weir("connections", "get", "gpt")];
    const { rows } = await database.query(
      "SELECT format('%I.%I', schemaname, tablename) AS table FROM pg_tables WHERE schemaname = 'weir'",
    );
    const stored = await Promise.all(
      rows.map(async ({ table }) => (await database.query(`SELECT t::text AS row FROM ${String(table)} t`)).rows),
    );
    const everything = JSON.stringify([shown, stored, logged]);
    expect(JSON.stringify(stored)).toContain("authorization");
    expect(JSON.stringify(stored)).toMatch(/\\x[0-9a-f]{64}/); // bytes are told in hexadecimal
    expect(everything).not.toContain(modelKey);
    expect(everything).not.toContain(Buffer.from(modelKey).toString("hex"));
  });

  it("changes nothing where anything is wrong, and says where", async () => {
    vi.stubEnv("MODEL_KEY", modelKey);
    await apply(declared());
    const before = (await weir("policies", "list", "-o", "json")).stdout;
    const unknown = `${declared("iban")}  - { name: other, match: { connections: [gtp] }, effect: allow }\n`;
    expect(await apply(unknown)).toEqual({
      code: 1,
      stdout: "",
      stderr: `${join(folder, "apply.yaml")}:9:43: there is no connection named "gtp"; did you mean "gpt"?\n`,
    });
    expect((await apply(declared("nonsense"))).stderr).toMatch(/apply\.yaml:8:\d+: there is no detector or pack "nonsense"/);
    vi.stubEnv("MODEL_KEY", undefined);
    expect((await apply(declared("iban"))).stderr).toMatch(/apply\.yaml:6:\d+: the environment variable MODEL_KEY is not set/);
    expect((await weir("policies", "list", "-o", "json")).stdout).toBe(before);
  });

  it("does not touch what the gateway's own file declares", async () => {
    vi.stubEnv("MODEL_KEY", modelKey);
    const { code, stdout, stderr } = await apply(declared().replace("name: gpt", "name: own").replace("[gpt]", "[own]"));
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^\S+apply\.yaml:3:5: \S+weir\.yaml:\d+:\d+ declares a connection of this name already/);
  });
});

describe("weir connections and weir policies", () => {
  it("hand out what they take", async () => {
    vi.stubEnv("MODEL_KEY", modelKey);
    await apply(declared());
    const { stdout } = await weir("connections", "get", "gpt");
    expect(stdout).toContain("# has a credential in the header authorization");
    const path = await file(stdout.replace("protocol: openai", "protocol: openai\ntimeouts: { firstByte: 2m }"));
    expect(await weir("connections", "update", "-f", path)).toMatchObject({ code: 0, stderr: "" });
    expect((await ask()).status).toBe(200);
    expect(upstream.calls.at(-1)?.headers.authorization).toBe(`Bearer ${modelKey}`);
  });

  it("create from stdin, refuse what changed meanwhile, and delete", async () => {
    const policy = "name: guests\neffect: allow\nmode: observe\nmatch: { groups: [guests] }\n";
    const signIn = ["--url", gateway.adminUrl, "--token", keys.ADMIN];
    const made = await weirHere(["policies", "create", "-f", "-", "-o", "json", ...signIn], policy);
    expect(JSON.parse(made.stdout)).toMatchObject({ id: "guests", managedBy: "api", updatedBy: "root", document: { mode: "observe" } });
    const stale = await weirHere(["policies", "update", "-f", "-", "--revision", "0", ...signIn], policy);
    expect(stale).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("has changed meanwhile") });
    const wrong = await weirHere(
      ["policies", "create", "-f", "-", ...signIn],
      "name: x\neffect: allow\nmatch: { connections: [nowhere] }\n",
    );
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringMatching(/^stdin:3:24: there is no connection named "nowhere"/) });
    expect(await weir("policies", "delete", "guests")).toEqual({ code: 0, stdout: "", stderr: "Deleted.\n" });
    expect(await weir("policies", "get", "guests")).toMatchObject({ code: 1, stdout: "" });
  });
});
