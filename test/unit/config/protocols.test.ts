import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { type Config, printResolved } from "../../../src/config/index.ts";
import { parsed, problemsOf } from "../../support/configuration.ts";

const connection = (protocol: string, more = ""): string =>
  `connections:\n  - { name: c, protocol: ${protocol}, upstream: "https://a.example"${more} }\n`;
const loaded = (protocol: string, more = ""): Config["connections"][number] | undefined =>
  parsed(connection(protocol, more)).config.connections[0];

/** What is wrong with a text, each problem with the word that it points at in front. */
const pointed = (text: string): readonly string[] =>
  problemsOf(text).map((problem) => {
    const [, line = "", column = "", message = ""] = /^(\d+):(\d+): (.*)$/.exec(problem) ?? [];
    const pointedAt = text.split("\n")[Number(line) - 1]?.slice(Number(column) - 1) ?? "";
    return `${/^[^\s,:}\]]+/.exec(pointedAt)?.[0]} ← ${message}`;
  });

describe("a connection", () => {
  it.each([
    ["openai", "1.1"],
    ["anthropic", "1.1"],
    ["rest", "1.1"],
    ["connect", "1.1"],
    ["grpc", "2"],
  ])("of the protocol %s is asked by HTTP/%s where nothing else is said", (protocol, http) => expect(loaded(protocol)?.http).toBe(http));

  it("of connect may be asked by HTTP/2", () => expect(loaded("connect", ', http: "2"')?.http).toBe("2"));

  it.each([
    ["grpc", ', http: "1.1"', '"1.1" ← gRPC is spoken over HTTP/2 only'],
    ["rest", ', http: "2"', '"2" ← http: "2" towards an upstream of the protocol rest: not yet supported'],
    [
      "rest",
      ", descriptors: { builtin: triton }",
      "descriptors ← descriptors has no meaning with the protocol rest: it is for grpc and connect",
    ],
    [
      "openai",
      ", route: { services: [a.B] }",
      "services ← route.services has no meaning with the protocol openai: it is for grpc and connect",
    ],
    ["grpc", ", route: { models: [m] }", "models ← route.models has no meaning with the protocol grpc: it is for openai and anthropic"],
    ["grpc", ", operations: [{ name: o, path: /o }]", "operations ← operations has no meaning with the protocol grpc: it is for rest"],
    [
      "grpc",
      ", route: { services: [weir.v1.InferenceService] }",
      "weir.v1.InferenceService ← weir.v1.InferenceService is the gateway's own",
    ],
    ["rest", ", route: { paths: [/oauth/x] }", "/oauth/x ← below /oauth there is the gateway itself"],
  ])("of %s with%s is refused", (protocol, more, problem) => expect(pointed(connection(protocol, more))).toEqual([problem]));
});

describe("descriptors", () => {
  const source = (written: string) => loaded("grpc", `, descriptors: ${written}`)?.descriptors?.source;

  it("are built in, or come from a file, from .proto files or from the upstream", () => {
    expect(source("{ builtin: triton }")).toEqual({ kind: "builtin", name: "triton" });
    expect(source("{ file: /etc/weir/x.binpb }")).toEqual({ kind: "file", path: "/etc/weir/x.binpb" });
    expect(source("{ proto: [/p/x.proto, /q/y.proto], roots: [/p] }")).toEqual({
      kind: "proto",
      paths: ["/p/x.proto", "/q/y.proto"],
      roots: ["/p"],
    });
    expect(source("reflection")).toEqual({ kind: "reflection" });
    expect(source("{ reflection: true }")).toEqual({ kind: "reflection" });
  });

  it("name files relative to the configuration, and look for imports beside it and beside them", () => {
    const here = process.cwd();
    expect(source("{ proto: [protos/x.proto] }")).toEqual({
      kind: "proto",
      paths: [`${here}/protos/x.proto`],
      roots: [here, `${here}/protos`],
    });
  });

  it("make another connection of it once their file has changed", () => {
    const folder = mkdtempSync(join(tmpdir(), "weir-descriptors-"));
    const file = join(folder, "x.proto");
    const revision = (): string | undefined => loaded("grpc", `, descriptors: { proto: [${file}] }`)?.revision;
    writeFileSync(file, "one");
    const first = revision();
    expect(revision()).toBe(first);
    writeFileSync(file, "two");
    expect(revision()).not.toBe(first);
    rmSync(folder, { recursive: true });
  });

  it("tell which fields are one text over a stream", () =>
    expect(loaded("grpc", ", descriptors: { builtin: oip, join: [a.B.c] }")?.descriptors?.join).toEqual(["a.B.c"]));

  it.each([
    [
      "{ builtin: tritn }",
      'tritn ← connections[0].descriptors.builtin must be one of triton, oip, mlserver, tfserving; did you mean "triton"?',
    ],
    ["{ builtin: triton, file: x }", "{ ← connections[0].descriptors must have exactly one of builtin, file, proto, reflection"],
    ["{ join: [a.B.c] }", "{ ← connections[0].descriptors must have exactly one of builtin, file, proto, reflection"],
    ["{ file: x, roots: [y] }", "{ ← connections[0].descriptors must have no roots without proto"],
    ["{ proto: [x], join: [c] }", "c ← connections[0].descriptors.join[0] must be the full name of a field, such as package.Message.field"],
    ["{ bultin: triton }", 'bultin ← unknown key "bultin"; did you mean "builtin"?'],
    ["triton", "triton ← connections[0].descriptors must be the word reflection, or a map such as { builtin: triton }"],
  ])("as %s are refused", (written, problem) => expect(pointed(connection("grpc", `, descriptors: ${written}`))).toEqual([problem]));
});

describe("what --check prints of a connection", () => {
  /** The connection without what a change of its text changes. */
  const meaning = (text: string) => parsed(text).config.connections.map(({ revision: _, ...connection }) => connection);

  it.each([
    ["grpc", ", descriptors: { builtin: triton }, route: { services: [inference.GRPCInferenceService] }"],
    ["grpc", ", descriptors: { proto: [/p/x.proto], join: [a.B.c] }, timeouts: { idle: 90s, total: 1h }"],
    ["connect", ', descriptors: reflection, http: "2", anonymous: true'],
    ["grpc", ", descriptors: { file: /p/x.binpb }, route: { hosts: [h.internal], paths: [/p] }"],
    ["rest", ", operations: [{ name: score, method: POST, path: '/score/{model}' }, { name: dump, path: /dump/**, class: data }]"],
    ["openai", ", route: { models: ['gpt-*'] }"],
  ])("means the same when it is read again: %s%s", (protocol, more) => {
    const text = connection(protocol, more);
    const { connections }: { readonly connections?: unknown } = parse(printResolved(parsed(text).config));
    expect(meaning(stringify({ connections }))).toEqual(meaning(text));
  });
});

describe("operations of a rest connection", () => {
  it("are named by path, method and class", () => {
    const more = ", operations: [{ name: predict, method: POST, path: '/m/{model}:predict' }, { name: dump, path: /dump/**, class: data }]";
    expect(loaded("rest", more)?.operations).toEqual([
      { method: "POST", template: "/m/{model}:predict", operation: { name: "predict", class: "inference" } },
      { method: undefined, template: "/dump/**", operation: { name: "dump", class: "data" } },
    ]);
  });

  it.each(["x", "/x/**/y", "/{a}{b}", "/a//b", "/../a", "/{model}/{model}", "/a b", "/%2f"])("with the path %s are refused", (path) =>
    expect(problemsOf(connection("rest", `, operations: [{ name: o, path: "${path}" }]`))).not.toEqual([]),
  );
});

describe("a policy that promises what cannot be kept is refused with the reason", () => {
  const withPolicy = (policy: string, more = "") => `${connection("grpc", more)}policies:\n  - { name: p, effect: allow, ${policy} }\n`;
  const unkept = (what: string) =>
    expect.stringMatching(
      new RegExp(`^4:\\d+: the policy reaches the connection "c", whose messages cannot be read ${what}: give it descriptors`),
    );

  it.each([
    ["mask: { response: [credentials] }", "to be masked"],
    ["mask: { keys: [ssn] }", "to be masked"],
    ["prompts: { deny: [x] }", "to be held to rules"],
    ["limits: { promptTokens: 5 }", "to be counted"],
    ["limits: { tokensPerDay: 5 }", "to be counted"],
    ["approval: { reviewers: { groups: [s] } }", "to be approved by who has seen it"],
  ])("%s", (policy, what) => expect(problemsOf(withPolicy(policy))).toEqual([unkept(what)]));

  it.each([
    ["mask: { response: [credentials], onUnmaskable: pass }", ""],
    ["mask: { response: [credentials] }", ", descriptors: { builtin: triton }"],
    ["mask: { response: [credentials] }, match: { models: [m] }", ""],
    ["mask: { response: [credentials] }, match: { operations: [chat.completions] }", ""],
    ["mask: { response: [credentials] }, mode: observe", ""],
    ["record: { request: masked }", ""],
  ])("but not %s%s", (policy, more) => expect(problemsOf(withPolicy(policy, more))).toEqual([]));

  it("nor may a deny be about models that nobody can read", () => {
    const deny = (more: string) => `policies:\n  - { name: p, effect: deny, match: { models: [m]${more} } }\n`;
    expect(problemsOf(connection("grpc") + deny(""))).toEqual([
      expect.stringMatching(/^4:\d+: the policy reaches the connection "c", whose messages do not tell their model/),
    ]);
    expect(problemsOf(connection("grpc") + deny(", operations: [chat.completions]"))).toEqual([]);
    expect(problemsOf(connection("grpc", ", descriptors: { builtin: oip }") + deny(""))).toEqual([]);
  });

  it("nor one that names other connections, or the method of another", () => {
    const other = `${connection("grpc")}  - { name: d, protocol: openai, upstream: "https://b.example" }\n`;
    const policy = (match: string) => `policies:\n  - { name: p, effect: allow, match: { ${match} }, mask: { response: [credentials] } }\n`;
    expect(problemsOf(other + policy("connections: [d]"))).toEqual([]);
    expect(problemsOf(other + policy("operations: [a.B/C]"))).toHaveLength(1);
  });
});
