/** What becomes of what was declared: when it changes, when a gateway is started again, and where a replica's own file does not go with it. */

import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { ApprovalState } from "../../src/gen/weir/v1/approval_pb.ts";
import { createLog } from "../../src/telemetry/index.ts";
import type { TestDatabase } from "../support/database.ts";
import {
  allow,
  ask,
  clear,
  keys,
  openai,
  type Replicas,
  servicesAt,
  startReplicas,
  statusOf,
  upstreamKey,
} from "../support/declared-replicas.ts";
import type { TestGateway } from "../support/gateway.ts";
import { chatAnswer, json, type ScriptedUpstream } from "../support/upstream.ts";

/** Milliseconds that a busy machine may take to compile policies. */
const patient = { timeout: 20_000 };

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

describe("a declared connection that changes", () => {
  it("keeps its credential for the same origin only", async () => {
    await servicesAt(first).configuration.applyConfiguration({ objects: set() });
    const { connections } = servicesAt(first);
    await connections.updateConnection({ name: "gpt", document: { ...openai(upstream.port), timeouts: { total: "1m" } } });
    expect(await statusOf(first, "gpt")).toBe(200);
    expect(upstream.calls.at(-1)?.headers.authorization).toBe(`Bearer ${upstreamKey}`);
    const { connection } = await connections.updateConnection({ name: "gpt", document: openai(other.port) });
    expect(connection?.credentialHeader).toBeUndefined();
    expect(await statusOf(first, "gpt")).toBe(200);
    await expect.poll(async () => [await statusOf(second, "gpt"), other.calls.length], patient).toEqual([200, 2]);
    expect(other.calls.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
    // Back where it came from: what is cleared is gone.
    await connections.updateConnection({ name: "gpt", document: openai(upstream.port) });
    expect(await statusOf(first, "gpt")).toBe(200);
    expect(upstream.calls.at(-1)?.headers.authorization).toBeUndefined();
  });

  it("takes no yes with it that was given for what it was", async () => {
    const careful = { ...allow("gpt"), approval: { when: { keywords: ["export"] }, reviewers: { groups: ["security"] }, expires: "5m" } };
    const wanted = set().map((object) => (object.name === "analysts" ? { ...object, document: careful } : object));
    await servicesAt(first).configuration.applyConfiguration({ objects: wanted });
    const { approvals } = servicesAt(first, keys.REVIEWER);
    const asked = { messages: [{ role: "user", content: "export it" }] };
    const pending = async (): Promise<readonly string[]> =>
      (await approvals.listApprovals({ state: ApprovalState.PENDING })).approvals.map(({ id }) => id);
    const asking = ask(first, "gpt", asked);
    await expect.poll(pending, patient).toHaveLength(1);
    const [id = ""] = await pending();
    await servicesAt(first).connections.updateConnection({ name: "gpt", document: openai(other.port) });
    await approvals.approveRequest({ id });
    const answer = await asking;
    expect([answer.status, ((await answer.json()) as { error: { code: string } }).error.code]).toEqual([403, "approval_expired"]);
    expect([upstream.calls.length, other.calls.length]).toEqual([0, 0]);
    // The same request for what the connection is now waits for a yes of its own.
    const again = ask(first, "gpt", asked);
    await expect.poll(pending, patient).toHaveLength(1);
    const [newId = ""] = await pending();
    expect(newId).not.toBe(id);
    await approvals.denyRequest({ id: newId });
    expect((await again).status).toBe(403);
    await clear(first);
  });
});

describe("a gateway that is started again", () => {
  it("has what was declared, and finds no credential in the clear in any table or file of the database", async () => {
    await servicesAt(first).configuration.applyConfiguration({ objects: set() });
    const third = await replicas.start();
    expect(await statusOf(third, "gpt")).toBe(200);
    expect(upstream.calls.at(-1)?.headers.authorization).toBe(`Bearer ${upstreamKey}`);
    await third.close();
    await database.query("CHECKPOINT");
    const { rows: tables } = await database.query("SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'weir'");
    for (const { name } of tables as { name: string }[]) {
      const { rows } = await database.query(`SELECT t::text AS row FROM weir.${name} t`);
      expect(JSON.stringify(rows), name).not.toMatch(new RegExp(`${upstreamKey}|${Buffer.from(upstreamKey).toString("hex")}`));
    }
    const { rows } = await database.query(
      "SELECT pg_relation_filepath('weir.declared_objects') AS path, current_setting('data_directory') AS folder",
    );
    const { path, folder } = rows[0] as { path: string; folder: string };
    expect(readdirSync(folder)).toContain("base");
    expect(readFileSync(join(folder, path)).includes(upstreamKey)).toBe(false);
  });

  it("does not start when its file declares a name that the database has, and says where both stand", async () => {
    await servicesAt(first).configuration.applyConfiguration({ objects: set() });
    const more = "issuers: [{ name: corp, issuer: https://other.example.com, audience: weir }]\n";
    await expect(replicas.start(more)).rejects.toThrow(
      /database: issuer "corp": .*weir\.yaml:\d+:\d+ declares an issuer of this name already/,
    );
  });

  it("does not start with another encryptionKey, and says whose credential it cannot open", async () => {
    await servicesAt(first).configuration.applyConfiguration({ objects: set() });
    const starting = replicas.start("", { encryptionKey: randomBytes(32).toString("base64") });
    await expect(starting).rejects.toThrow(/database: connection "gpt": its credential was sealed under another encryptionKey/);
  });
});

describe("a replica whose own file does not go with what is declared", () => {
  it("keeps what it has and says why, and takes what comes next once it can", async () => {
    const own = "  - { name: own, match: { groups: [analysts], connections: [filed], models: [x] }, effect: allow }\n";
    const logged: string[] = [];
    const third = await replicas.start(own, { log: createLog({ destination: { write: (line: string) => logged.push(line) } }) });
    await servicesAt(first).configuration.applyConfiguration({ objects: set() });
    await expect.poll(() => statusOf(third, "gpt"), patient).toBe(200);
    await servicesAt(first).policies.createPolicy({ name: "own", document: allow("gpt") });
    await servicesAt(first).connections.createConnection({ name: "late", document: openai(other.port) });
    await servicesAt(first).policies.createPolicy({ name: "late", document: allow("late") });
    await expect.poll(() => statusOf(second, "late"), patient).toBe(200);
    expect([await statusOf(third, "gpt"), await statusOf(third, "late")]).toEqual([200, 404]);
    expect(logged.filter((line) => line.includes("cannot be used here"))).toEqual([
      expect.stringMatching(/database: policy \\"own\\": .*weir\.yaml:\d+:\d+ declares a policy of this name already/),
    ]);
    await servicesAt(first).policies.deletePolicy({ name: "own" });
    await expect.poll(() => statusOf(third, "late"), patient).toBe(200);
    await third.close();
  });
});
