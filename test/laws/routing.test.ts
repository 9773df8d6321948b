/** The law of routing (ARCHITECTURE.md 1.3): a request goes where a plain reading of the steps says, and only to a connection that it was read for. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConnectionRegistry, type ConnectionSettings } from "../../src/connections/index.ts";
import type { Routed } from "../../src/enforcement/ports.ts";
import type { PathOperation, RouteHints } from "../../src/envelope/call.ts";
import { GatewayError } from "../../src/envelope/error.ts";
import { isDirectionOf, naiveDirection, naiveTarget, readingsFor } from "../support/naive-router.ts";

const names = ["gpt", "claude", "churn", "triton", "models"] as const;
const hosts = ["a.internal", "b.internal", "weir.internal"] as const;
const prefixes = ["/models", "/models/churn", "/a", "/a/b/c", "/v1/models", "/openai"] as const;
const services = ["inference.GRPCInferenceService", "tensorflow.serving.PredictionService", "S"] as const;
const globs = ["gpt-4*", "gpt-*", "*", "llama"] as const;
const askedModels = ["gpt-4o", "gpt-3", "llama", ""] as const;

const predict: PathOperation = {
  method: "POST",
  template: "/predict/{model}",
  operation: { name: "predict", class: "inference" },
};
const scores: PathOperation = { method: undefined, template: "/scores/**", operation: { name: "scores", class: "data" } };

const some = <T>(of: readonly T[]) => fc.subarray([...of], { maxLength: 2 });

const route = fc.record({
  models: fc.option(fc.subarray([...globs], { minLength: 1 }), { nil: undefined }),
  hosts: some(hosts),
  paths: some(prefixes),
  services: some(services),
});

const connection = (name: string): fc.Arbitrary<ConnectionSettings> =>
  fc
    .record({
      protocol: fc.constantFrom("openai", "anthropic", "rest", "grpc", "connect"),
      route,
      operations: fc.constantFrom([], [predict], [predict, scores]),
    })
    .map(({ protocol, route, operations }) => ({
      name,
      revision: `${name}-1`,
      protocol,
      upstream: `https://${name}.example`,
      http: "1.1",
      anonymous: false,
      credential: undefined,
      timeouts: { connect: 1, firstByte: 2, idle: 3, total: 4 },
      route,
      ...(protocol === "rest" && { operations }),
    }));

/** Any set of connections in any order: also those that a configuration's checks would refuse, because resolving must not depend on them. */
const configuration: fc.Arbitrary<readonly ConnectionSettings[]> = fc
  .shuffledSubarray([...names])
  .chain((chosen) => fc.tuple(...chosen.map(connection)));

const tails = [
  ...["", "/", "/v1", "/v1/chat/completions", "/chat/completions", "/v1/messages", "/v1/models/half_plus_two:predict"],
  ...["/predict/m", "/openai/deployments/d/chat/completions", "/S/Call", "/inference.GRPCInferenceService/ModelInfer"],
];
const roots = ["", "", "/weir.v1.InferenceService", "/nowhere", "/models/other", ...prefixes, ...names.map((name) => `/${name}`)];

const shapeOf = (path: string, anthropic: boolean): RouteHints["shape"] => {
  if (path.startsWith("/openai/deployments/")) return "azure";
  if (!path.startsWith("/v1/")) return undefined;
  return anthropic || /^\/v1\/messages(\/|$)/.test(path) ? "anthropic" : "openai";
};

interface Asked {
  readonly route: RouteHints;
  readonly rpc: boolean;
}

const asked: fc.Arbitrary<Asked> = fc
  .record({
    connection: fc.option(fc.constantFrom(...names, "nobody"), { nil: undefined, freq: 4 }),
    host: fc.constantFrom(...hosts),
    root: fc.constantFrom(...roots),
    tail: fc.constantFrom(...tails),
    anthropic: fc.boolean(),
    rpc: fc.boolean(),
  })
  .map(({ connection, host, root, tail, anthropic, rpc }) => {
    const path = root + tail === "" ? "/" : root + tail;
    const service = /^\/([A-Za-z_][\w.]*)\/[A-Za-z_]\w*$/.exec(path)?.[1];
    return { route: { connection, host, path, service, shape: shapeOf(path, anthropic) }, rpc };
  });

const caller = fc.record({
  model: fc.option(fc.constantFrom(...askedModels), { nil: undefined }),
  may: fc.subarray([...names]),
});

const facts = (rpc: boolean) => ({
  method: "POST",
  mediaType: rpc ? "application/grpc+proto" : "application/json",
  connect: false,
  query: "",
});

const callOf = (registry: ConnectionRegistry, { route, rpc }: Asked): Routed => ({ route, direction: registry.direct(route, facts(rpc)) });

const outcome = (attempt: () => { readonly name: string }): string => {
  try {
    return attempt().name;
  } catch (thrown) {
    return thrown instanceof GatewayError ? thrown.reason : String(thrown);
  }
};

const usableBy =
  (may: readonly string[]) =>
  (name: string): boolean =>
    may.includes(name);

const runs = { numRuns: 3_000 };

describe("routing", () => {
  it("directs as a plain reading of the steps does", () => {
    fc.assert(
      fc.property(configuration, asked, (settings, head) => {
        const { direction } = callOf(new ConnectionRegistry(settings), head);
        expect(direction).toEqual(naiveDirection(settings, head.route, head.rpc));
      }),
      runs,
    );
  });

  it("resolves as a plain reading of the steps over what the caller may use does", () => {
    fc.assert(
      fc.property(configuration, asked, caller, (settings, head, { model, may }) => {
        const registry = new ConnectionRegistry(settings);
        const call = callOf(registry, head);
        const usable = usableBy(may);
        expect(outcome(() => registry.resolve(call, model, usable))).toBe(naiveTarget(settings, call, { model, usable }));
      }),
      runs,
    );
  });

  it("resolves to nothing that the caller may not use, and to nothing for which the request was not read, reloads in between included", () => {
    fc.assert(
      fc.property(configuration, configuration, asked, caller, (before, after, head, { model, may }) => {
        const registry = new ConnectionRegistry(before);
        const call = callOf(registry, head);
        registry.update(after);
        const name = outcome(() => registry.resolve(call, model, usableBy(may)));
        const found = after.find((each) => each.name === name);
        if (found === undefined) return;
        expect(may).toContain(name);
        expect(readingsFor(found, head.route).some((reading) => isDirectionOf(call.direction, reading))).toBe(true);
      }),
      runs,
    );
  });

  it("lists of models come from the connections that the request was read for and the caller may use, and from no other", () => {
    fc.assert(
      fc.property(configuration, asked, caller, (settings, head, { may }) => {
        const registry = new ConnectionRegistry(settings);
        const call = callOf(registry, head);
        let listed: readonly { readonly name: string }[];
        try {
          listed = registry.resolveAll(call, usableBy(may));
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(GatewayError);
          return;
        }
        for (const { name } of listed) {
          expect(may).toContain(name);
          const found = settings.filter((each) => each.name === name).flatMap((each) => readingsFor(each, head.route));
          expect(found.some((reading) => isDirectionOf(call.direction, reading))).toBe(true);
        }
      }),
      runs,
    );
  });
});
