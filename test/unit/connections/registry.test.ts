import { describe, expect, it } from "vitest";
import { ConnectionRegistry, type ConnectionSettings } from "../../../src/connections/index.ts";
import type { Routed } from "../../../src/enforcement/ports.ts";
import type { RouteHints } from "../../../src/envelope/call.ts";
import { GatewayError, type Reason } from "../../../src/envelope/error.ts";

type Route = Partial<ConnectionSettings["route"]>;

const connection = (name: string, route: Route = {}, more: Partial<ConnectionSettings> = {}): ConnectionSettings => ({
  name,
  revision: `${name}-1`,
  protocol: "openai",
  upstream: `https://${name}.example/v1`,
  http: "1.1",
  anonymous: false,
  credential: { header: "authorization", value: { reveal: () => `Bearer ${name}` } },
  timeouts: { connect: 1, firstByte: 2, idle: 3, total: 4 },
  route: { models: undefined, hosts: [], paths: [], services: [], ...route },
  ...more,
});

const hints = (more: Partial<RouteHints> = {}): RouteHints => ({
  connection: undefined,
  host: "weir.example",
  path: "/v1/chat/completions",
  shape: "openai",
  ...more,
});

const everything = (_name: string): boolean => true;
const plainPost = { method: "POST", mediaType: "application/json", connect: false, query: "" };
/** A call as the listener reads it, directed by the same registry. */
const call = (registry: ConnectionRegistry, more: Partial<RouteHints> = {}): Routed => {
  const route = hints(more);
  return { route, direction: registry.direct(route, plainPost) };
};
const found = (registry: ConnectionRegistry, more: Partial<RouteHints> = {}, model?: string, usable = everything): string =>
  registry.resolve(call(registry, more), model, usable).name;
const listed = (registry: ConnectionRegistry, more: Partial<RouteHints> = {}, usable = everything): readonly string[] =>
  registry.resolveAll(call(registry, more), usable).map(({ name }) => name);

const reasonOf = (attempt: () => unknown): Reason | undefined => {
  try {
    attempt();
    return undefined;
  } catch (thrown) {
    return thrown instanceof GatewayError ? thrown.reason : undefined;
  }
};

describe("a connection", () => {
  it("bears its own credential, opened, and everything the data path needs", () => {
    const registry = new ConnectionRegistry([connection("gpt")]);
    expect(registry.resolve(call(registry), "m", everything)).toEqual({
      name: "gpt",
      revision: "gpt-1",
      protocol: "openai",
      upstream: "https://gpt.example/v1",
      http: "1.1",
      anonymous: false,
      credential: { header: "authorization", value: "Bearer gpt" },
      timeouts: { connect: 1, firstByte: 2, idle: 3, total: 4 },
    });
  });

  it("that a reload takes away is found no more, and a new one is", () => {
    const registry = new ConnectionRegistry([connection("old")]);
    registry.update([connection("new")]);
    expect(found(registry)).toBe("new");
    expect(registry.names).toEqual(["new"]);
  });
});

describe("the header weir-connection", () => {
  const registry = new ConnectionRegistry([
    connection("a", { hosts: ["weir.example"] }),
    connection("b"),
    connection("r", {}, { protocol: "rest" }),
  ]);

  it("wins over every other step", () => expect(found(registry, { connection: "b" })).toBe("b"));
  it("that names nothing leads nowhere, not to the next step", () =>
    expect(reasonOf(() => found(registry, { connection: "c" }))).toBe("target_unknown"));
  it("that names what the caller may not use looks the same", () =>
    expect(reasonOf(() => found(registry, { connection: "b" }, "m", (name) => name !== "b"))).toBe("target_unknown"));
  it("that names a connection of another API wins over the shape of the path", () =>
    expect(found(registry, { connection: "r" })).toBe("r"));
  it("chooses for lists too", () => expect(listed(registry, { connection: "b" })).toEqual(["b"]));
});

describe("the host", () => {
  const registry = new ConnectionRegistry([
    connection("a", { hosts: ["a.example"] }),
    connection("b", { hosts: ["b.example", "both.example"] }),
    connection("c", { hosts: ["both.example"] }),
  ]);

  it("wins over the model", () => expect(found(registry, { host: "b.example" }, "anything")).toBe("b"));
  it("that fits two is ambiguous", () => expect(reasonOf(() => found(registry, { host: "both.example" }))).toBe("request_invalid"));
  it("that fits two, of which the caller may use one, is that one's", () =>
    expect(found(registry, { host: "both.example" }, "m", (name) => name !== "b")).toBe("c"));
  it("narrows lists", () => expect(listed(registry, { host: "a.example" })).toEqual(["a"]));
});

describe("the model", () => {
  const registry = new ConnectionRegistry([
    connection("gpt", { models: ["gpt-4*", "o?"] }),
    connection("llama", { models: ["llama-*-instruct", "*-70b"] }),
    connection("claude", { models: ["gpt-4*"] }, { protocol: "anthropic" }),
  ]);
  const withDefault = new ConnectionRegistry([connection("gpt", { models: ["gpt-*"] }), connection("rest-of-them")]);

  it.each([
    ["gpt-4o", "gpt"],
    ["gpt-4", "gpt"],
    ["o?", "gpt"],
    ["llama-3-8b-instruct", "llama"],
    ["mixtral-70b", "llama"],
  ])("%s leads to %s", (model, name) => expect(found(registry, {}, model)).toBe(name));

  it.each(["gpt-3", "o1", "llama-instruct", "LLAMA-3-instruct", ""])("'%s' leads nowhere", (model) =>
    expect(reasonOf(() => found(registry, {}, model))).toBe("target_unknown"),
  );

  it("that two connections serve is ambiguous", () => {
    const both = new ConnectionRegistry([connection("x", { models: ["m*"] }), connection("y", { models: ["*m"] })]);
    expect(reasonOf(() => found(both, {}, "m"))).toBe("request_invalid");
  });
  it("that no connection names goes to the one that names none", () => expect(found(withDefault, {}, "mistral")).toBe("rest-of-them"));
  it("that no connection names goes to the only one there is", () =>
    expect(found(registry, {}, "mistral", (name) => name === "gpt")).toBe("gpt"));
  it("is not looked at on a path of another shape", () =>
    expect(reasonOf(() => found(registry, { shape: undefined, path: "/elsewhere" }, "gpt-4o"))).toBe("target_unknown"));
});

describe("the path", () => {
  const registry = new ConnectionRegistry([
    connection("churn", { paths: ["/models/churn"] }, { protocol: "rest" }),
    connection("fraud", { paths: ["/models"] }, { protocol: "rest" }),
  ]);
  const at = (path: string): string => found(registry, { shape: undefined, path });

  it("leads by a connection's name", () => expect(at("/churn/predict")).toBe("churn"));
  it("leads by a prefix of whole segments", () => expect(at("/models/other")).toBe("fraud"));
  it("that only begins with the letters of one leads nowhere", () => expect(reasonOf(() => at("/churning"))).toBe("target_unknown"));
  it("that fits two is ambiguous", () => expect(reasonOf(() => at("/models/churn"))).toBe("request_invalid"));
});

describe("a list of models", () => {
  it("asks every connection of that API which the caller may use", () => {
    const registry = new ConnectionRegistry([
      connection("a"),
      connection("b"),
      connection("c"),
      connection("d", {}, { protocol: "anthropic" }),
    ]);
    expect(listed(registry, {}, (name) => name !== "b")).toEqual(["a", "c"]);
  });

  it("of nobody's connections leads nowhere", () => expect(reasonOf(() => listed(new ConnectionRegistry([])))).toBe("target_unknown"));
});

describe("a head is read as", () => {
  const registry = new ConnectionRegistry([
    connection("gpt"),
    connection("claude", {}, { protocol: "anthropic" }),
    connection("tfs", {}, { protocol: "rest", operations: [{ method: "POST", template: "/p", operation: { name: "p", class: "data" } }] }),
    connection("triton", { services: ["inference.GRPCInferenceService"] }, { protocol: "grpc" }),
    connection("internal", { paths: ["/rpc"] }, { protocol: "connect" }),
  ]);
  const plain = { shape: undefined } as const;
  const method = "/inference.GRPCInferenceService/ModelInfer";

  it.each<[string, Partial<RouteHints>, string, string]>([
    ["OpenAI's by its shape", {}, "openai", "/v1/chat/completions"],
    [
      "REST by its connection's name, whatever its shape",
      { connection: "tfs", path: "/v1/models/half:predict" },
      "rest",
      "/v1/models/half:predict",
    ],
    ["OpenAI's by a prefix with the version", { ...plain, path: "/gpt/v1/chat/completions" }, "openai", "/v1/chat/completions"],
    ["OpenAI's by a prefix without it", { ...plain, path: "/gpt/chat/completions" }, "openai", "/v1/chat/completions"],
    ["OpenAI's by a prefix alone", { ...plain, path: "/gpt" }, "openai", "/v1"],
    ["Azure's by a prefix", { ...plain, path: "/gpt/openai/deployments/d/embeddings" }, "openai", "/openai/deployments/d/embeddings"],
    ["Anthropic's by a prefix", { ...plain, path: "/claude/messages" }, "anthropic", "/v1/messages"],
    ["REST by a prefix alone", { ...plain, path: "/tfs" }, "rest", "/"],
    [
      "RPC by its service, though the wire does not say so",
      { ...plain, path: method, service: "inference.GRPCInferenceService" },
      "rpc",
      method,
    ],
    ["RPC behind a prefix", { ...plain, path: `/rpc${method}` }, "rpc", method],
    [
      "the gateway's own service",
      { ...plain, connection: "tfs", path: "/weir.v1.InferenceService/Embed" },
      "inference",
      "/weir.v1.InferenceService/Embed",
    ],
    ["what its shape says where it leads nowhere", { connection: "nobody" }, "openai", "/v1/chat/completions"],
    ["REST where nothing says anything", { ...plain, path: "/elsewhere" }, "rest", "/elsewhere"],
  ])("%s", (_, more, surface, path) => expect(registry.direct(hints(more), plainPost)).toMatchObject({ surface, path }));

  it("what its connection's templates say", () =>
    expect(registry.direct(hints({ ...plain, path: "/tfs/p" }), plainPost).operations.map(({ template }) => template)).toEqual(["/p"]));

  it.each([
    ["gRPC", { mediaType: "application/grpc" }],
    ["gRPC of JSON", { mediaType: "application/grpc+json" }],
    ["gRPC-Web", { mediaType: "application/grpc-web+proto" }],
    ["gRPC-Web as text", { mediaType: "application/grpc-web-text" }],
    ["a Connect stream", { mediaType: "application/connect+json" }],
    ["a Connect call of protobuf", { mediaType: "application/proto" }],
    ["a Connect call of JSON that says so", { connect: true }],
    ["a Connect GET", { method: "GET", mediaType: undefined, query: "encoding=json&connect=v1&message=%7B%7D" }],
  ])("an RPC wherever it leads: %s", (_, facts) => {
    for (const more of [{}, { connection: "tfs" }, { ...plain, path: "/elsewhere" }]) {
      const call = { route: hints(more), direction: registry.direct(hints(more), { ...plainPost, ...facts }) };
      expect(call.direction.surface).toBe("rpc");
      expect(reasonOf(() => registry.resolve(call, undefined, everything))).toBe("target_unknown");
    }
  });

  it.each([
    ["application/grpcurl", "", "GET"],
    ["application/protobuf", "", "POST"],
    ["application/json", "connect=v1", "POST"],
    ["application/json", "reconnect=v1&connect=v12", "GET"],
  ])("no RPC for looking like one: %s %s", (mediaType, query, verb) =>
    expect(registry.direct(hints(), { ...plainPost, mediaType, query, method: verb }).surface).toBe("openai"),
  );
});
