import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadConfig, loadStructure, parseConfig, printResolved, Secret } from "../../../src/config/index.ts";
import { environment, parsed, problemsOf } from "../../support/configuration.ts";

const literal = (field: string) => `${field} must be \${env:NAME} or \${file:PATH}`;
const connection = (value: string) =>
  `connections: [{ name: gpt, protocol: openai, upstream: "https://a.example", credential: { header: api-key, value: "${value}" } }]\n`;

describe("a secret", () => {
  it("prints itself nowhere", () => {
    const secret = new Secret("hunter2", "${env:PASSWORD}");
    const printed = [String(secret), JSON.stringify({ secret }), inspect({ secret }, { depth: 9 }), `${secret}`];
    for (const text of printed) expect(text).not.toContain("hunter2");
    expect(secret.reveal()).toBe("hunter2");
  });

  it("is nowhere in a loaded configuration, however it is printed", () => {
    const { config } = parsed(
      `database: \${env:DATABASE_URL}\nidentities: [{ name: r, apiKey: "\${env:WEIR_REPORT_KEY}" }]\n${connection("Bearer ${env:OPENAI_API_KEY}")}`,
    );
    const texts = [JSON.stringify(config), inspect(config, { depth: 9, showHidden: true, customInspect: false }), printResolved(config)];
    for (const text of texts) {
      for (const secret of [...Object.values(environment), "hunter2"]) expect(text).not.toContain(secret);
    }
    expect(printResolved(config)).toContain("value: Bearer ${env:OPENAI_API_KEY}");
  });
});

describe("a secret field", () => {
  it("refuses literal secrets and does not repeat them", () => {
    const problems = problemsOf(`identities: [{ name: r, apiKey: literal-key }]\n${connection("Bearer sk-literal")}`);
    expect(problems).toEqual([
      expect.stringContaining(literal("identities[0].apiKey")),
      expect.stringContaining(literal("connections[0].credential.value")),
    ]);
    expect(problems.join()).not.toMatch(/literal-key|sk-literal/);
  });

  it("refuses a literal beside a reference", () => {
    expect(problemsOf(connection("sk-abcdef${env:OPENAI_API_KEY}"))).toHaveLength(1);
    expect(problemsOf('identities: [{ name: r, apiKey: "x${env:WEIR_REPORT_KEY}" }]\n')).toHaveLength(1);
  });

  it.each([
    ["embedded", []],
    ["postgres://weir@db.internal/weir", []],
    ["postgres://weir:${env:OPENAI_API_KEY}@db.internal/weir", []],
    ["${env:DATABASE_URL}", []],
    [
      "postgres://weir:hunter2@db.internal/weir",
      ["1:11: the password must be ${env:NAME} or ${file:PATH}: a secret does not stand in this file"],
    ],
    [
      "postgres://db.internal/weir?password=hunter2",
      ["1:11: the password must be ${env:NAME} or ${file:PATH}: a secret does not stand in this file"],
    ],
    ["mysql://db.internal/weir", ["1:11: database must be the word embedded, a postgres:// URL, or a reference to one"]],
  ])("database: %s", (value, problems) => expect(problemsOf(`database: ${value}\n`)).toEqual(problems));

  it.each([
    ["${env:NOWHERE}", "the environment variable NOWHERE is not set"],
    ["${env:no-name}", '"no-name" is no name of an environment variable'],
    ["${vault:x}", '"${vault:…}" is no reference: there are ${env:NAME} and ${file:PATH}'],
    ["${file:/nowhere}", "the file /nowhere cannot be read (ENOENT)"],
  ])("%s leads nowhere", (value, message) =>
    expect(problemsOf(`identities: [{ name: r, apiKey: "${value}" }]\n`)).toEqual([`1:33: ${message}`]),
  );

  it("may be the address and the secret of a notification", () => {
    const text =
      'notifications: [{ name: hook, kind: webhook, url: "${env:DATABASE_URL}", secret: "${env:WEIR_REPORT_KEY}", events: [call.blocked] }]\n';
    expect(problemsOf(text)).toEqual([]);
  });

  it("is the only place where references are resolved", () => {
    expect(problemsOf("dataDir: ${env:HOME}\nroles: { admin: ['${file:/etc/passwd}'] }\n")).toEqual([
      "1:10: references are resolved only in fields that hold secrets",
      "2:18: references are resolved only in fields that hold secrets",
    ]);
  });
});

describe("keys", () => {
  const withKey = (key: string) => problemsOf("identities: [{ name: r, apiKey: '${env:KEY}' }]\n", { env: { ...environment, KEY: key } });

  it.each([
    "0123456789abcdef0123456789abcdeF",
    "weir_9f8e7d6c5b4a39281706f5e4d3c2b1a0",
    "sk-proj-Zk3x_9vQ-2mB7nT5rW8yE1uA",
    "d3b07384d113edec49eaa6238ad5ff00",
  ])("%s has 128 bits", (key) => expect(withKey(key)).toEqual([]));

  it.each([
    "password",
    "correct horse battery staple",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "abcdefgh01abcdefgh01abcdefgh01abcdefgh01",
    "weir_0123456789abcdef",
  ])("%s is refused without being repeated", (key) => {
    expect(withKey(key)).toHaveLength(1);
    expect(withKey(key).join()).not.toContain(key);
  });

  it("of two identities must differ", () => {
    const text = 'identities:\n  - { name: a, apiKey: "${env:WEIR_REPORT_KEY}" }\n  - { name: b, apiKey: "${env:WEIR_REPORT_KEY}" }\n';
    expect(problemsOf(text)).toEqual(['3:24: is the key of "a" too: it could not tell them apart']);
  });

  it.each(["short", Buffer.alloc(31).toString("base64"), Buffer.alloc(33).toString("base64"), "z".repeat(44)])(
    "an encryption key %s is not 32 bytes",
    (key) => {
      expect(problemsOf("", { env: { WEIR_ENCRYPTION_KEY: key } })).toEqual([
        "0:16: encryptionKey must be 32 bytes in base64; make one with: openssl rand -base64 32",
      ]);
    },
  );
});

describe("secrets in files", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "weir-config-"));
    writeFileSync(join(folder, "key"), `${environment.WEIR_ENCRYPTION_KEY}\n`);
    writeFileSync(join(folder, "weir.yaml"), "encryptionKey: ${file:key}\ndataDir: data\npolicies: [{ name: all, effect: allow }]\n");
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("are found from the configuration's folder, their last line break left out", () => {
    expect(loadConfig(join(folder, "weir.yaml"), { env: {} }).config.encryptionKey.reveal()).toBe(environment.WEIR_ENCRYPTION_KEY);
  });

  it("the encryption key may not lie under dataDir", () => {
    const load = () => parseConfig("encryptionKey: ${file:key}\ndataDir: .\n", join(folder, "other.yaml"), { env: {} });
    expect(load).toThrow("encryptionKey must not lie under dataDir");
  });

  it("are not looked up where only the structure is asked for", () => {
    const file = join(folder, "structure.yaml");
    writeFileSync(
      file,
      `encryptionKey: \${env:NOWHERE}\ndatabase: \${file:/nowhere}\npolicies: [{ name: all, effect: allow }]\n${connection("Bearer ${env:NOWHERE}")}`,
    );
    expect(loadStructure(file).policies.map(({ name }) => name)).toEqual(["all"]);
  });

  it("a configuration that is not there is a problem like any other", () => {
    expect(() => loadConfig(join(folder, "nowhere.yaml"), { env: {} })).toThrow("nowhere.yaml:1:1: the file cannot be read (ENOENT)");
  });
});
