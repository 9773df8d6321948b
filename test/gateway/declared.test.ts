/** Connections, policies and issuers declared through one replica and in force on another, by whom they may be. */

import type { JsonObject } from "@bufbuild/protobuf";
import type { Client } from "@connectrpc/connect";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { ChangeAction, type ConfigurationService, CredentialChange, ObjectKind } from "../../src/gen/weir/v1/configuration_pb.ts";
import { ManagedBy } from "../../src/gen/weir/v1/declared_pb.ts";
import type { TestDatabase } from "../support/database.ts";
import {
  allow,
  ask,
  clear,
  credential,
  keys,
  openai,
  type Replicas,
  servicesAt,
  startReplicas,
  statusOf,
  upstreamKey,
} from "../support/declared-replicas.ts";
import type { TestGateway } from "../support/gateway.ts";
import { Code, refusalOf, type Spoken } from "../support/management.ts";
import { chatAnswer, chunkOf, json, type ScriptedUpstream } from "../support/upstream.ts";

let replicas: Replicas;
let upstream: ScriptedUpstream;
let other: ScriptedUpstream;
let database: TestDatabase;
let first: TestGateway;
let second: TestGateway;
let set: Replicas["set"];

beforeAll(async () => {
  replicas = await startReplicas(inject("postgres"));
  ({ upstream, other, database, first, second, set } = replicas);
}, 60_000);
afterAll(() => replicas.close());
beforeEach(async () => {
  for (const each of [upstream, other]) {
    each.calls.length = 0;
    each.script = json(chatAnswer("done"));
  }
  await clear(first);
});

/** The name of an enumeration's value. */
const nameIn = (values: Readonly<Record<string, number>>, value: number | undefined): string | undefined =>
  Object.keys(values).find((name) => values[name] === value);

const applied = async (client: Client<typeof ConfigurationService>, wish: Parameters<typeof client.applyConfiguration>[0]) =>
  (await client.applyConfiguration(wish)).changes.map(({ action, name, credential: became }) => [
    nameIn(ChangeAction, action),
    name,
    nameIn(CredentialChange, became),
  ]);

describe("a connection and a policy that are declared through one replica", () => {
  it("serve callers of the other within a second, with the connection's credential, until they are deleted", async () => {
    expect(await statusOf(second, "gpt")).toBe(404);
    const { connection } = await servicesAt(first).connections.createConnection({
      name: "gpt",
      document: openai(upstream.port),
      credential,
    });
    expect(connection).toMatchObject({ name: "gpt", document: openai(upstream.port), credentialHeader: "authorization" });
    expect(connection?.declaration).toMatchObject({ managedBy: ManagedBy.API, updatedBy: "root" });
    await servicesAt(first).policies.createPolicy({ name: "analysts", document: allow("gpt") });
    expect(await statusOf(first, "gpt")).toBe(200);
    await expect.poll(() => statusOf(second, "gpt"), { timeout: 1_000 }).toBe(200);
    expect(upstream.calls.at(-1)?.headers.authorization).toBe(`Bearer ${upstreamKey}`);
    await servicesAt(second).policies.deletePolicy({ name: "analysts" });
    await expect.poll(() => statusOf(first, "gpt"), { timeout: 1_000 }).toBe(404);
    await clear(first);
  });

  it("let a stream end that began before the change", async () => {
    await servicesAt(first).configuration.applyConfiguration({ objects: set() });
    let finish: (() => void) | undefined;
    upstream.script = (_call, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(chunkOf({ content: "begun. " }));
      finish = () => response.end(`${chunkOf({ content: "finished." })}${chunkOf({}, { finish_reason: "stop" })}data: [DONE]\n\n`);
    };
    const running = await ask(first, "gpt", { stream: true });
    await clear(first);
    expect(await statusOf(first, "gpt")).toBe(404);
    finish?.();
    const text = await running.text();
    expect(text).toContain("finished.");
    expect(text).toContain("[DONE]");
  });

  it.each<Spoken>(["connect", "grpc", "grpc-web"])("are told over %s, beside those of the file, never with a secret", async (spoken) => {
    await servicesAt(first).configuration.applyConfiguration({ objects: set() });
    const { connections } = await servicesAt(second, keys.AUDITOR, spoken).connections.listConnections({});
    expect(connections.map(({ name, declaration }) => [name, nameIn(ManagedBy, declaration?.managedBy)])).toEqual([
      ["filed", "FILE"],
      ["gpt", "API"],
    ]);
    expect(connections[0]).toMatchObject({ credentialHeader: "authorization", document: { route: { models: ["filed"] } } });
    const { policies, policyRevision } = await servicesAt(second, keys.REVIEWER, spoken).policies.listPolicies({});
    expect(policies.map(({ name }) => name)).toEqual(["analysts", "of-file"]);
    expect(policyRevision).toMatch(/^[0-9a-f]{16}$/);
    const { issuers } = await servicesAt(second, keys.ADMIN, spoken).configuration.listIssuers({});
    expect(issuers).toMatchObject([{ name: "corp", document: { audience: "weir" } }]);
    expect(JSON.stringify([connections, policies, issuers], (_, value) => (typeof value === "bigint" ? String(value) : value))).not.toMatch(
      new RegExp(`${upstreamKey}|${keys.CALLER}|env:`),
    );
  });
});

describe("a set of objects", () => {
  it("is declared whole; the same set again changes nothing, not even a revision", async () => {
    const { configuration: client, connections } = servicesAt(first);
    expect(await applied(client, { objects: set(), dryRun: true })).toEqual([
      ["CREATE", "gpt", "SET"],
      ["CREATE", "analysts", "UNSPECIFIED"],
      ["CREATE", "corp", "UNSPECIFIED"],
    ]);
    expect((await connections.listConnections({})).connections).toHaveLength(1);
    await applied(client, { objects: set() });
    const before = (await connections.getConnection({ name: "gpt" })).connection;
    expect(await applied(client, { objects: set(), prune: true })).toEqual([
      ["UNCHANGED", "gpt", "KEPT"],
      ["UNCHANGED", "analysts", "UNSPECIFIED"],
      ["UNCHANGED", "corp", "UNSPECIFIED"],
    ]);
    expect((await connections.getConnection({ name: "gpt" })).connection?.declaration).toEqual(before?.declaration);
    const changed = set().map((object) => ({
      ...object,
      ...(object.name === "gpt" ? { credential: { ...credential, value: "Bearer another" } } : {}),
    }));
    expect(await applied(client, { objects: changed })).toContainEqual(["UPDATE", "gpt", "SET"]);
    expect((await connections.getConnection({ name: "gpt" })).connection?.declaration?.revision).not.toBe(before?.declaration?.revision);
  });

  it("is refused whole when a part of it is wrong, in words that name the object, and everything stays as it was", async () => {
    const { configuration: client } = servicesAt(first);
    const wrong = [...set(), { kind: ObjectKind.POLICY, name: "broken", document: { match: { connections: ["gtp"] }, effect: "allow" } }];
    expect(await refusalOf(client.applyConfiguration({ objects: wrong }))).toEqual([
      Code.InvalidArgument,
      'database: policy "broken": match.connections[0]: there is no connection named "gtp"; did you mean "gpt"?',
    ]);
    const uncompilable = [{ kind: ObjectKind.POLICY, name: "broken", document: { effect: "allow", prompts: { deny: ["(a"] } } }];
    const [code, message] = await refusalOf(client.applyConfiguration({ objects: uncompilable }));
    expect(code).toBe(Code.InvalidArgument);
    expect(message).toMatch(/^database: policy "broken": prompts\.deny\[0\]: /);
    expect((await servicesAt(second).connections.listConnections({})).connections).toHaveLength(1);
    expect(await statusOf(first, "filed")).toBe(200);
  });

  it.each([
    [
      "${env:HOME} in a document",
      { protocol: "openai", upstream: "https://${env:HOME}.example.com" },
      undefined,
      /upstream: (?:references|must)/,
    ],
    [
      "${file:…} in a list",
      { ...openai(1), route: { models: ["${file:/etc/passwd}"] } },
      undefined,
      /route\.models\[0\]: references are resolved only/,
    ],
    [
      "a reference as a credential",
      openai(1),
      { header: "x", value: "${file:/etc/passwd}" },
      /credential\.value: must be the secret itself/,
    ],
    [
      "files of descriptors",
      { protocol: "grpc", upstream: "http://127.0.0.1:1", descriptors: { file: "/etc/passwd" } },
      undefined,
      /descriptors\.file: names files/,
    ],
    ["a credential in the document", { ...openai(1), credential }, undefined, /credential: is told beside the document/],
    [
      "an address that may not be dialled",
      { protocol: "openai", upstream: "http://169.254.169.254/v1" },
      undefined,
      /169\.254\.169\.254 may not be dialled/,
    ],
    [
      "a header of the gateway's own",
      openai(1),
      { header: "Content-Length", value: "1" },
      /credential\.header: content-length is a header/,
    ],
    [
      "descriptors that its upstream does not tell",
      { protocol: "grpc", upstream: "http://127.0.0.1:9", descriptors: "reflection" },
      undefined,
      /descriptors: the descriptors cannot be had/,
    ],
    ["a credential of two lines", openai(1), { header: "x", value: "a\r\nb: c" }, /credential\.value: must be printable ASCII/],
  ] as const)("is refused with %s", async (_what, document, given, words) => {
    const wish = { name: "bad", document: { ...document } as JsonObject, ...(given === undefined ? {} : { credential: given }) };
    const [code, message] = await refusalOf(servicesAt(first).connections.createConnection(wish));
    expect(code).toBe(Code.InvalidArgument);
    expect(message).toMatch(words);
    expect(message).toMatch(/^database: connection "bad": /);
  });
});

describe("who declares", () => {
  it("must be an admin; reviewers and auditors look on, callers do not", async () => {
    for (const key of [keys.REVIEWER, keys.AUDITOR, keys.CALLER]) {
      const client = servicesAt(first, key);
      const writes = [
        client.connections.createConnection({ name: "x", document: openai(1) }),
        client.connections.updateConnection({ name: "x", document: openai(1) }),
        client.connections.deleteConnection({ name: "x" }),
        client.policies.createPolicy({ name: "x", document: allow("filed") }),
        client.policies.updatePolicy({ name: "of-file", document: allow("filed") }),
        client.policies.deletePolicy({ name: "of-file" }),
        client.configuration.applyConfiguration({ objects: [], prune: true }),
        client.configuration.applyConfiguration({ objects: [], dryRun: true }),
      ];
      for (const write of writes) expect((await refusalOf(write))[0]).toBe(Code.PermissionDenied);
    }
    expect((await refusalOf(servicesAt(first, keys.CALLER).connections.listConnections({})))[0]).toBe(Code.PermissionDenied);
    expect((await refusalOf(servicesAt(first, keys.CALLER).policies.getPolicy({ name: "of-file" })))[0]).toBe(Code.PermissionDenied);
    expect((await refusalOf(servicesAt(first, `weir_${"0".repeat(64)}`).configuration.listIssuers({})))[0]).toBe(Code.Unauthenticated);
  });

  it("changes nothing of the file, and overwrites no change that they have not seen", async () => {
    const { connections, policies, configuration: client } = servicesAt(first);
    const document = openai(upstream.port);
    expect((await refusalOf(connections.createConnection({ name: "filed", document })))[0]).toBe(Code.AlreadyExists);
    expect((await refusalOf(connections.updateConnection({ name: "filed", document })))[0]).toBe(Code.FailedPrecondition);
    expect((await refusalOf(policies.deletePolicy({ name: "of-file" })))[0]).toBe(Code.FailedPrecondition);
    const [code, message] = await refusalOf(
      client.applyConfiguration({ objects: [{ kind: ObjectKind.CONNECTION, name: "filed", document }] }),
    );
    expect([code, message]).toEqual([
      Code.InvalidArgument,
      expect.stringMatching(/^database: connection "filed": .*weir\.yaml:\d+:\d+ declares a connection/),
    ]);
    const { connection } = await connections.createConnection({ name: "gpt", document });
    const revision = connection?.declaration?.revision ?? "";
    await servicesAt(second).connections.updateConnection({ name: "gpt", document: { ...document, timeouts: { total: "1m" } }, revision });
    expect((await refusalOf(connections.updateConnection({ name: "gpt", document, revision })))[0]).toBe(Code.Aborted);
    expect((await refusalOf(connections.deleteConnection({ name: "gpt", revision })))[0]).toBe(Code.Aborted);
    expect((await refusalOf(connections.createConnection({ name: "gpt", document })))[0]).toBe(Code.AlreadyExists);
    expect((await refusalOf(connections.deleteConnection({ name: "nobody" })))[0]).toBe(Code.NotFound);
  });

  it("cannot take a connection away that a policy names", async () => {
    await servicesAt(first).configuration.applyConfiguration({ objects: set() });
    expect(await refusalOf(servicesAt(first).connections.deleteConnection({ name: "gpt" }))).toEqual([
      Code.FailedPrecondition,
      'database: policy "analysts": match.connections[0]: there is no connection named "gpt"',
    ]);
  });

  it("is written down with what they changed, and the credential is not", async () => {
    const { rows } = await database.query(
      "SELECT name, action, object, details::text FROM weir.audit_events WHERE action ~ '^(connection|policy|issuer)\\.'",
    );
    expect(new Set(rows.map(({ action }: { action: string }) => action))).toEqual(
      new Set([
        "connection.create",
        "connection.update",
        "connection.delete",
        "policy.create",
        "policy.delete",
        "issuer.create",
        "issuer.delete",
      ]),
    );
    expect(rows.every(({ name }: { name: string }) => name === "root")).toBe(true);
    expect(rows.some(({ details }: { details: string }) => details.includes('"credential": "set"'))).toBe(true);
    expect(JSON.stringify(rows)).not.toContain(upstreamKey);
  });
});
