import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openDevelopmentFolder } from "../../../src/dev/folder.ts";
import { weir, weirHere } from "../../support/command-line.ts";

const configuration = `listen: { address: 127.0.0.1, port: 0 }
admin: { address: 127.0.0.1, port: 0 }
database: \${env:DATABASE_URL}
dataDir: data
encryptionKey: \${env:ENCRYPTION_KEY}
identities:
  - { name: report, kind: service, groups: [analysts], apiKey: "\${env:API_KEY}" }
connections:
  - { name: gpt, protocol: openai, upstream: "https://api.openai.com/v1", credential: { header: authorization, value: "Bearer \${env:OPENAI_API_KEY}" } }
policies:
  - name: analysts
    match: { groups: [analysts] }
    effect: allow
    mask: { response: [pii], request: [], custom: [{ name: project, regex: "PRJ-[0-9]{6}", replace: "[PROJECT]" }] }
`;
const env = {
  DATABASE_URL: "postgres://weir:hunter2secret@db.example/weir",
  ENCRYPTION_KEY: Buffer.alloc(32, 7).toString("base64"),
  API_KEY: "weir_6f1d2c3b4a5968778695a4b3c2d1e0ff6f1d2c3b4a596877aabbccddeeff0011",
  OPENAI_API_KEY: "sk-very-secret-openai-key",
};

let folder: string;
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "weir cli "));
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** Every command that there is, however deep, as it is called. */
const everyCommand = async (path: readonly string[] = []): Promise<readonly (readonly string[])[]> => {
  const { stdout } = await weirHere([...path, "--help"]);
  const listed = /\nCommands:\n((?: .*\n)+)/.exec(stdout)?.[1] ?? "";
  const names = [...listed.matchAll(/^ {2}([a-z-]+)/gm)].flatMap(([, name = "help"]) => (name === "help" ? [] : [name]));
  const below = await Promise.all(names.map((name) => everyCommand([...path, name])));
  return [path, ...below.flat()];
};

describe("every command", () => {
  it("has --help with an example on stdout", async () => {
    const commands = await everyCommand();
    expect(commands.length).toBeGreaterThan(45);
    for (const command of commands) {
      const { code, stdout, stderr } = await weirHere([...command, "--help"]);
      expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: "" });
      expect(stdout, command.join(" ")).toMatch(/Examples?:\n {2}(?:[A-Z_]+=\S+ )?weir /);
    }
  });

  it("that talks to a gateway prints JSON where it prints anything for people", async () => {
    for (const command of await everyCommand()) {
      const { stdout } = await weirHere([...command, "--help"]);
      if (stdout.includes("for people")) expect(stdout, command.join(" ")).toContain("json for programs");
      else if (stdout.includes("--url")) expect(command.at(-1), command.join(" ")).toMatch(/^(?:delete|disable|enable|revoke|restore)$/);
    }
  });

  it.each([
    [["nonsense"]],
    [["serve"]],
    [["mask", "--nonsense"]],
    [["mask", "--json", "--jsonl"]],
    [["mask", "--packs", "nonsense"]],
    [["mask", "--packs", ""]],
    [["mask", "--policy", "analysts"]],
    [["detectors", "list", "emial"]],
    [["detectors", "lint"]],
    [["apply"]],
    [["policies", "create"]],
    [["connections", "get"]],
    [["policies", "list", "-o", "yaml"]],
  ])("%j is wrong usage: exit code 2, and nothing on stdout", async (command) => {
    const { code, stdout, stderr } = await weirHere(command);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).not.toBe("");
  });
});

describe("bin/weir", () => {
  it("runs the command line, and says only what the command says once it is built", async () => {
    await weir(["--version"]);
    expect(await weir(["mask", "--packs", "contact"], { input: "to joe@corp.example" })).toEqual({
      code: 0,
      stdout: "to [EMAIL]",
      stderr: "",
    });
    expect(await weir(["nonsense"])).toEqual({ code: 2, stdout: "", stderr: "error: unknown command 'nonsense'\n" });
  });
});

describe("weir mask", () => {
  const text = "Write to joe@corp.example about 4111 1111 1111 1111.\n";

  it("masks stdin to stdout and says nothing else", async () => {
    expect(await weirHere(["mask", "--packs", "contact,pci"], text)).toEqual({
      code: 0,
      stdout: "Write to [EMAIL] about [CREDIT_CARD].\n",
      stderr: "",
    });
  });

  it("keeps everything else exactly: byte order mark, line ends, an end without one, astral characters", async () => {
    const odd = "\ufeffa\r\nb\0c\u2028😀";
    expect((await weirHere(["mask"], odd)).stdout).toBe(odd);
    expect((await weirHere(["mask"], "")).stdout).toBe("");
  });

  it("refuses what is no UTF-8 rather than change it", async () => {
    const { code, stderr } = await weirHere(["mask"], Uint8Array.from([0x61, 0xff, 0x62]));
    expect({ code, stderr }).toEqual({ code: 1, stderr: "weir: The input is not UTF-8, somewhere after byte 0.\n" });
  });

  it("prints spans in UTF-16 code units", async () => {
    const { stdout } = await weirHere(["mask", "--json"], "😀 joe@corp.example");
    expect(JSON.parse(stdout)).toEqual([{ start: 3, end: 19, detector: "email" }]);
  });

  it("reads and writes lines of JSON, and quotes no line that it cannot read", async () => {
    const input = '{"id":7,"text":"joe@corp.example"}\n\n{"id":"x","text":"none"}\n';
    const { stdout } = await weirHere(["mask", "--jsonl"], input);
    expect(stdout).toBe('{"id":7,"spans":[[0,16,"email"]]}\n{"id":"x","spans":[]}\n');
    const { code, stderr } = await weirHere(["mask", "--jsonl"], '{"id":1,"text":"a"}\n{"id":2,"text":"AKIA');
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'weir: Line 2 is not a JSON object with "id" and "text".\n' });
  });

  it("reads lines that are longer than what stdin brings at once", async () => {
    const long = "a lake ".repeat(20_000);
    const lines = [`${long}joe@corp.example`, "eve@corp.example"].map((text, id) => JSON.stringify({ id, text }));
    const { stdout } = await weir(["mask", "--jsonl"], { input: lines.join("\n") });
    expect(stdout.split("\n").map((line) => (line === "" ? "" : JSON.parse(line)))).toEqual([
      { id: 0, spans: [[long.length, long.length + 16, "email"]] },
      { id: 1, spans: [[0, 16, "email"]] },
      "",
    ]);
  });

  it("masks as a policy does, without the secrets of its configuration", async () => {
    for (const name of Object.keys(env)) vi.stubEnv(name, undefined);
    const config = file("weir.yaml", configuration);
    const input = "PRJ-123456 of joe@corp.example";
    expect((await weirHere(["mask", "--config", config, "--policy", "analysts"], input)).stdout).toBe("[PROJECT] of [EMAIL]");
    expect((await weirHere(["mask", "--config", config, "--direction", "request"], input)).stdout).toBe("[PROJECT] of joe@corp.example");
    expect(await weirHere(["mask", "--config", config, "--policy", "nobody"], input)).toMatchObject({ code: 2, stdout: "" });
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  });
});

describe("weir serve --check", () => {
  it("prints what the file means, and no secret", async () => {
    const { code, stdout, stderr } = await weirHere(["serve", "--check", "--config", file("weir.yaml", configuration)]);
    expect(code).toBe(0);
    expect(stdout).toContain("Bearer ${env:OPENAI_API_KEY}");
    for (const secret of ["hunter2secret", env.ENCRYPTION_KEY, env.API_KEY, env.OPENAI_API_KEY])
      expect(stdout + stderr).not.toContain(secret);
  });

  it("says what is wrong as file:line:column, of shape and of meaning alike", async () => {
    const path = file("wrong.yaml", configuration.replace("effect: allow", "effect: maybe"));
    const { code, stdout, stderr } = await weirHere(["serve", "--check", "--config", path]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/wrong\.yaml:13:\d+: /);
    const unknown = file("unknown.yaml", configuration.replace("[pii]", "[pij]"));
    expect((await weirHere(["serve", "--check", "--config", unknown])).stderr).toMatch(
      /unknown\.yaml:14:\d+: there is no detector or pack "pij"/,
    );
  });

  it("names a file that is not there", async () => {
    const { code, stderr } = await weirHere(["serve", "--check", "--config", join(folder, "nowhere.yaml")]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/nowhere\.yaml.*ENOENT/);
  });
});

describe("weir serve", () => {
  it("refuses the data folder of npm start", async () => {
    await openDevelopmentFolder(join(folder, "data"));
    const { code, stderr } = await weirHere(["serve", "--config", file("weir.yaml", configuration)]);
    expect(code).toBe(1);
    expect(stderr).toContain("was made by npm start");
    rmSync(join(folder, "data"), { recursive: true });
  });
});

describe("weir detectors", () => {
  it("lists, for people and for programs", async () => {
    expect((await weirHere(["detectors", "list", "email"])).stdout).toMatch(/^NAME .*\nemail .*\n$/);
    const { stdout } = await weirHere(["detectors", "list", "email", "-o", "json"]);
    expect(JSON.parse(stdout)).toMatchObject([{ id: "email" }]);
  });

  it("runs detectors on their own examples", async () => {
    const run = await weirHere(["detectors", "test", "email"]);
    expect(run).toMatchObject({ code: 0, stdout: "", stderr: expect.stringMatching(/^1 detectors, \d+ examples, 0 failed\n$/) });
  });

  it("lints patterns, of a configuration too, and fails for one that is refused", async () => {
    const { code, stdout } = await weirHere(["detectors", "lint", "--pattern", "[a-z]+x", "--config", file("weir.yaml", configuration)]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^pattern-1:0: no-left-boundary: /);
    const refused = await weirHere(["detectors", "lint", "--pattern", "(a+)\\1"]);
    expect(refused).toMatchObject({ code: 1, stdout: expect.stringContaining("refused") });
  });
});
