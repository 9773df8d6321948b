/** Policies and questions at random, from few enough names that they meet. */

import fc from "fast-check";
import type { Facts, PolicyDocument } from "../../policy/index.ts";
import type { Principal } from "../../src/envelope/call.ts";
import type { Scope } from "../../src/envelope/scope.ts";
import { nobody } from "./policy-facts.ts";

const groups = ["a", "b", "c", "corp/d"];
const people = ["alice", "bob", "corp/alice", "edge/alice", "robot"];
const connections = ["gpt", "local"];
const globs = ["gpt-4o", "gpt-4*", "*mini", "*", "g*4*i"];
const models = ["gpt-4o", "gpt-4o-mini", "llama", "", "g4"];
const inference = ["chat.completions", "embeddings", "models.list"];
const data = ["files.list"];
const features = ["mcp", "web_search"];
export const toolNames = ["read_file", "delete_file", "search", ""];
const levels = ["masked", "metadata", "none"] as const;

const someOf = (names: readonly string[]) => fc.option(fc.subarray([...names], { minLength: 1 }), { nil: undefined, freq: 2 });

const mask: fc.Arbitrary<PolicyDocument["mask"]> = fc.option(
  fc.record({
    request: fc.subarray(["pii", "credentials"]),
    response: fc.subarray(["pii", "credentials", "network"]),
    custom: fc.subarray([
      { name: "project", pattern: "PRJ-[0-9]{6}" },
      { name: "ticket", pattern: "T-[0-9]{4}" },
    ]),
    keys: fc.subarray(["ssn", "dob"]),
    onUnmaskable: fc.constantFrom("refuse" as const, "pass" as const),
  }),
  { nil: undefined },
);

/** A policy; its name is given when it is put among others. */
export const anyPolicy: fc.Arbitrary<PolicyDocument> = fc.record({
  name: fc.constant("?"),
  match: fc.record({
    groups: someOf(groups),
    identities: fc.option(fc.subarray([...people, "anonymous"], { minLength: 1 }), { nil: undefined, freq: 1 }),
    connections: someOf(connections),
    models: someOf(globs),
    operations: someOf([...inference, ...data, ...features]),
    kinds: fc.option(
      fc.subarray(["human", "service", "agent"] as const, { minLength: 1 }).map((kinds) => [...kinds]),
      { nil: undefined, freq: 1 },
    ),
    networks: fc.option(fc.constantFrom(["10.0.0.0/8"], ["2001:db8::/32", "192.0.2.7"]), { nil: undefined, freq: 1 }),
    times: fc.option(fc.constant([{ from: "08:00", to: "18:00", zone: "UTC" }]), { nil: undefined, freq: 1 }),
    expression: fc.option(fc.constantFrom('request.model == "gpt-4o"', '"analysts" in identity.groups', '"delete_file" in request.tools'), {
      nil: undefined,
      freq: 1,
    }),
  }),
  effect: fc.constantFrom("allow" as const, "allow" as const, "allow" as const, "deny" as const),
  promptTokens: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
  outputTokens: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
  answers: fc.option(
    fc.record({ deny: fc.subarray(["bomb", "virus"]), keywords: fc.subarray(["export"]), mask: fc.subarray(["PRJ-[0-9]{6}"]) }),
    {
      nil: undefined,
    },
  ),
  quota: fc.option(fc.constant({ requestsPerMinute: 5, tokensPerDay: undefined, per: "identity" as const }), { nil: undefined }),
  prompts: fc.record({
    deny: fc.subarray(["bomb"]),
    allow: fc.subarray(["please"]),
    topics: fc.subarray(["credentials", "regulated-data"]),
  }),
  tools: fc.option(
    fc.record({
      allow: fc.constantFrom(["*"], ["read_*"], ["search", "read_file"], ["*file"]),
      deny: fc.constantFrom([], ["delete_*"], ["*"], ["search"]),
    }),
    { nil: undefined },
  ),
  tokens: fc.option(
    fc.record({
      lifetime: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
      approval: fc.option(fc.constant({ reviewers: { groups: ["reviewers"], count: 1 }, expires: 1_000 }), { nil: undefined }),
    }),
    { nil: undefined },
  ),
  approval: fc.option(
    fc.record({
      keywords: fc.constant([]),
      topics: fc.constantFrom([], ["data-export"], ["credentials", "code-execution"]),
      promptTokensOver: fc.constant(undefined),
      expression: fc.constant(undefined),
      reviewers: fc.constant({ groups: ["reviewers"], count: 1 }),
      expires: fc.constant(1_000),
    }),
    { nil: undefined },
  ),
  mask,
  record: fc.record({
    request: fc.constantFrom(...levels),
    response: fc.constantFrom(...levels),
    retentionDays: fc.integer({ min: 1, max: 99 }),
  }),
});

/** Policies under different names, in any order of them. */
export const policies = (options: { readonly minLength?: number; readonly maxLength: number }): fc.Arbitrary<readonly PolicyDocument[]> =>
  fc.array(anyPolicy, options).chain((each) =>
    fc
      .shuffledSubarray(
        each.map((_, index) => `p${index}`),
        { minLength: each.length },
      )
      .map((names) => each.map((policy, index) => ({ ...policy, name: names[index] ?? "" }))),
  );

const named: fc.Arbitrary<Principal> = fc
  .record({
    kind: fc.constantFrom("human" as const, "service" as const),
    issuer: fc.constantFrom("corp", "edge", "weir"),
    subject: fc.constantFrom("alice", "bob", "robot", "corp/alice"),
    groups: fc.subarray(groups),
  })
  .map((each) => ({ ...each, name: each.subject, email: undefined }));

const operation: fc.Arbitrary<Facts["operation"]> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...inference).map((name) => ({ name, class: "inference" as const })) },
  { weight: 1, arbitrary: fc.constantFrom(...data).map((name) => ({ name, class: "data" as const })) },
);

/** What somebody wants a token for. */
export const anyScope: fc.Arbitrary<Scope> = fc.record({
  connections: someOf([...connections, "elsewhere"]),
  models: someOf([...globs, "llama"]),
  operations: someOf([...inference, ...data]),
});

/** A question. */
export const anyFacts: fc.Arbitrary<Facts> = fc.record({
  principal: fc.oneof({ weight: 6, arbitrary: named }, { weight: 1, arbitrary: fc.constant(nobody) }),
  connection: fc.constantFrom(...connections),
  model: fc.option(fc.constantFrom(...models), { nil: undefined, freq: 4 }),
  operation,
  features: fc.oneof({ weight: 4, arbitrary: fc.constant<string[]>([]) }, { weight: 1, arbitrary: fc.subarray(features) }),
  tools: fc.subarray(toolNames),
  at: fc.constantFrom(Date.UTC(2026, 0, 7, 3), Date.UTC(2026, 0, 7, 12)),
  remoteAddress: fc.constantFrom("10.1.2.3", "::ffff:10.9.9.9", "2001:db8::1", "192.0.2.7", "192.0.2.8"),
});
