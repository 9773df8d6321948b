import { randomBytes } from "node:crypto";
import { type DescMethod, type DescService, fromJson, type JsonValue } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Idempotency } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { ServerReflection } from "../../src/gen/grpc/reflection/v1/reflection_pb.ts";
import { ApprovalService } from "../../src/gen/weir/v1/approval_pb.ts";
import { AuditService } from "../../src/gen/weir/v1/audit_pb.ts";
import { ConfigurationService } from "../../src/gen/weir/v1/configuration_pb.ts";
import { ConnectionService } from "../../src/gen/weir/v1/connection_pb.ts";
import { IdentityService } from "../../src/gen/weir/v1/identity_pb.ts";
import { PolicyService } from "../../src/gen/weir/v1/policy_pb.ts";
import { SessionService } from "../../src/gen/weir/v1/session_pb.ts";
import { TokenService } from "../../src/gen/weir/v1/token_pb.ts";
import { bearing } from "../support/attacked-gateway.ts";
import { cloneDatabase, type TestDatabase } from "../support/database.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";
import { managing, refusalOf, type Spoken } from "../support/management.ts";
import { chatAnswer, json, ScriptedUpstream } from "../support/upstream.ts";

type Role = "user" | "reviewer" | "auditor" | "admin";

interface Row {
  readonly may: readonly Role[];
  /** What the audit log says of it; undefined for what only looks. */
  readonly audit?: string;
}

const services: readonly DescService[] = [
  ApprovalService,
  AuditService,
  ConfigurationService,
  ConnectionService,
  IdentityService,
  PolicyService,
  SessionService,
  TokenService,
];

const admin = ["admin"] as const;
const readers = ["admin", "reviewer", "auditor"] as const;

/** Everything that the management API offers, and to whom. */
const table: Readonly<Record<string, Row>> = {
  "ApprovalService.ListApprovals": { may: ["reviewer", "admin"] },
  "ApprovalService.GetApproval": { may: ["reviewer"], audit: "approval.read" },
  "ApprovalService.ApproveRequest": { may: ["reviewer"], audit: "approval.approve" },
  "ApprovalService.DenyRequest": { may: ["reviewer"], audit: "approval.deny" },
  "ApprovalService.WatchApprovals": { may: ["reviewer", "admin"] },
  "AuditService.ListAuditEvents": { may: ["admin", "auditor"] },
  "ConfigurationService.ApplyConfiguration": { may: admin, audit: "issuer.create" },
  "ConfigurationService.ListIssuers": { may: readers },
  "ConnectionService.ListConnections": { may: readers },
  "ConnectionService.GetConnection": { may: readers },
  "ConnectionService.CreateConnection": { may: admin, audit: "connection.create" },
  "ConnectionService.UpdateConnection": { may: admin, audit: "connection.update" },
  "ConnectionService.DeleteConnection": { may: admin, audit: "connection.delete" },
  "IdentityService.ListIdentities": { may: admin },
  "IdentityService.DisableIdentity": { may: admin, audit: "identity.disable" },
  "IdentityService.EnableIdentity": { may: admin, audit: "identity.enable" },
  "IdentityService.CreateServiceIdentity": { may: admin, audit: "identity.create" },
  "IdentityService.DeleteServiceIdentity": { may: admin, audit: "identity.delete" },
  "IdentityService.ListServiceIdentities": { may: admin },
  "PolicyService.ListPolicies": { may: readers },
  "PolicyService.GetPolicy": { may: readers },
  "PolicyService.CreatePolicy": { may: admin, audit: "policy.create" },
  "PolicyService.UpdatePolicy": { may: admin, audit: "policy.update" },
  "PolicyService.DeletePolicy": { may: admin, audit: "policy.delete" },
  "SessionService.ListSessions": { may: ["admin", "auditor"] },
  "SessionService.GetSession": { may: ["admin", "auditor"] },
  "SessionService.ReplaySession": { may: ["auditor"] },
  "TokenService.CreateApiKey": { may: admin, audit: "key.create" },
  "TokenService.RotateApiKey": { may: admin, audit: "key.rotate" },
  "TokenService.ListApiKeys": { may: admin },
  "TokenService.Revoke": { may: admin, audit: "access.revoke" },
  "TokenService.Restore": { may: admin, audit: "access.restore" },
};

const newKey = (): string => `weir_${randomBytes(32).toString("hex")}`;
const keys = { user: newKey(), reviewer: newKey(), auditor: newKey(), admin: newKey(), revoked: newKey() };
/** A credential of a connection, and a key that is imported: nothing that is kept may hold them. */
const credential = `up-${randomBytes(24).toString("hex")}`;
const secrets = new Set<string>([...Object.values(keys), credential]);

let upstream: ScriptedUpstream;
let database: TestDatabase;
let gateway: TestGateway;

beforeAll(async () => {
  [upstream, database] = await Promise.all([ScriptedUpstream.start(), cloneDatabase(inject("postgres"))]);
  upstream.script = json(chatAnswer("done"));
  gateway = await startTestGateway({
    configuration: `
egress: { allow: [127.0.0.0/8] }
roles: { admin: [admin], reviewer: [reviewer], auditor: [auditor] }
identities:
  - { name: user, kind: human, groups: [user], apiKey: "\${env:user}" }
  - { name: reviewer, kind: human, groups: [reviewer], apiKey: "\${env:reviewer}" }
  - { name: auditor, kind: human, groups: [auditor], apiKey: "\${env:auditor}" }
  - { name: admin, kind: human, groups: [admin], apiKey: "\${env:admin}" }
  - { name: revoked, kind: human, groups: [admin, reviewer, auditor], apiKey: "\${env:revoked}" }
connections: [{ name: gpt, protocol: openai, upstream: "http://127.0.0.1:${upstream.port}/v1" }]
policies:
  - { name: users, match: { groups: [user], connections: [gpt] }, effect: allow, approval: { reviewers: { groups: [reviewer] } } }
`,
    env: keys,
    database: database.address,
  });
  await rpc("IdentityService.DisableIdentity", { key: { issuer: "weir", subject: "revoked" } }, { key: keys.admin });
});
afterAll(async () => {
  await gateway.close();
  await Promise.all([database.drop(), upstream.close()]);
});

const methods: readonly (readonly [string, DescService, DescMethod])[] = services.flatMap((service) =>
  service.methods.map((method) => [`${service.name}.${method.name}`, service, method] as const),
);

interface Asking {
  readonly key: string | undefined;
  readonly spoken?: Spoken;
}

type Call = (request: unknown, options: object) => Promise<Record<string, unknown>> | AsyncIterable<unknown>;

/** Long enough for an answer's beginning; a watch has no end. */
const timeoutMs = 2_000;

/** A client that shows no credential at all. */
const unsigned = (service: DescService, spoken: Spoken) => {
  const baseUrl = gateway.adminUrl;
  if (spoken === "grpc") return createClient(service, createGrpcTransport({ baseUrl }));
  const make = spoken === "connect" ? createConnectTransport : createGrpcWebTransport;
  return createClient(service, make({ baseUrl, httpVersion: "1.1" }));
};

/** Calls a method by its name with a request as JSON has it. */
const rpc = async (name: string, request: JsonValue, { key, spoken = "connect" }: Asking): Promise<Record<string, unknown>> => {
  const [, service, method] = methods.find(([known]) => known === name) ?? [];
  if (service === undefined || method === undefined) throw new Error(`there is no ${name}`);
  const { adminUrl } = gateway;
  const client = key === undefined ? unsigned(service, spoken) : managing(service, { adminUrl, key, spoken });
  const answer = (client as Readonly<Record<string, Call>>)[method.localName]?.(
    fromJson(method.input, request),
    method.methodKind === "unary" ? {} : { timeoutMs },
  );
  if (answer === undefined || "then" in answer) return (await answer) ?? {};
  for await (const _ of answer) break;
  return {};
};

/** Whether somebody may: what they are told when they may not, undefined when they may, whatever becomes of so empty a request. */
const refusal = async (name: string, asking: Asking): Promise<Code | undefined> => {
  try {
    await rpc(name, {}, asking);
    return undefined;
  } catch (thrown) {
    const { code } = ConnectError.from(thrown);
    return code === Code.Unauthenticated || code === Code.PermissionDenied ? code : undefined;
  }
};

const people: readonly (readonly [string, Role | undefined])[] = [
  ["nobody", undefined],
  ["user", "user"],
  ["reviewer", "reviewer"],
  ["auditor", "auditor"],
  ["admin", "admin"],
  ["revoked", undefined],
];

const expected = ({ may }: Row, role: Role | undefined): Code | undefined => {
  if (role === undefined) return Code.Unauthenticated;
  return may.includes(role) ? undefined : Code.PermissionDenied;
};

const keyOf = (who: string): string | undefined => (who === "nobody" ? undefined : keys[who as keyof typeof keys]);

describe("the management API", () => {
  it("offers nothing that has no row here", async () => {
    expect(methods.map(([name]) => name).sort()).toEqual(Object.keys(table).sort());
    const reflection = createClient(ServerReflection, createGrpcTransport({ baseUrl: gateway.adminUrl }));
    async function* asked() {
      yield { messageRequest: { case: "listServices" as const, value: "" } };
    }
    for await (const { messageResponse } of reflection.serverReflectionInfo(asked())) {
      if (messageResponse.case !== "listServicesResponse") throw new Error("it lists no services");
      const offered = messageResponse.value.service.map(({ name }) => name).filter((name) => name.startsWith("weir."));
      expect(offered.sort()).toEqual(services.map(({ typeName }) => typeName).sort());
    }
  });

  it("says of everything that changes something what the audit log will say", () => {
    for (const [name, , { idempotency, methodKind }] of methods)
      if (idempotency !== Idempotency.NO_SIDE_EFFECTS && methodKind === "unary") expect(table[name]?.audit, name).toBeDefined();
  });

  it.each(Object.entries(table))("offers %s to whom it should", async (name, row) => {
    for (const [who, role] of people) expect(await refusal(name, { key: keyOf(who) }), who).toBe(expected(row, role));
  });

  it.each<Spoken>(["grpc", "grpc-web"])("knows who asks over %s as well", async (spoken) => {
    for (const [who, role] of people) {
      for (const name of ["TokenService.ListApiKeys", "SessionService.ReplaySession", "ApprovalService.DenyRequest"])
        expect(await refusal(name, { key: keyOf(who), spoken }), `${who}: ${name}`).toBe(expected(table[name] ?? { may: [] }, role));
    }
  });
});

describe("every change", () => {
  const changed: string[] = [];

  /** Everything that changes change, and all that is written of them. */
  const standing = async (): Promise<unknown> => {
    const tables = [
      "service_identities",
      "api_keys",
      "revocations",
      "declared_objects",
      "approval_votes",
      "approval_scopes",
      "audit_events",
    ];
    const rows = tables.map((each) => `'${each}', (SELECT jsonb_agg(t ORDER BY t::text) FROM weir.${each} t)`);
    const approvals = "'approvals', (SELECT jsonb_agg(jsonb_build_array(id, state, reason) ORDER BY id) FROM weir.approvals)";
    return (await database.query(`SELECT jsonb_build_object(${[...rows, approvals].join(", ")}) AS standing`)).rows[0]?.standing;
  };

  /** Tries a change while no event can be written, and sees that it is not made. */
  const refuseUnwritten = async (name: string, request: JsonValue, key: string): Promise<void> => {
    const before = await standing();
    await database.query("REVOKE INSERT ON weir.audit_events FROM weir_access");
    const refused = await refusalOf(rpc(name, request, { key }));
    await database.query("GRANT INSERT ON weir.audit_events TO weir_access");
    expect(refused, name).toEqual([Code.Internal, "internal error"]);
    expect(await standing(), name).toEqual(before);
  };

  /** Makes a change, and sees that the log says so, by whom; and that it is made with its event or not at all. */
  const change = async (name: string, request: JsonValue): Promise<Record<string, unknown>> => {
    const { may, audit } = table[name] ?? {};
    const role = may?.[0] ?? "user";
    await refuseUnwritten(name, request, keys[role]);
    const answer = await rpc(name, request, { key: keys[role] });
    const { rows } = await database.query("SELECT action, name FROM weir.audit_events ORDER BY id DESC LIMIT 1");
    expect(rows, name).toEqual([{ action: audit, name: role }]);
    changed.push(name);
    return answer;
  };

  const keyIn = (answer: Record<string, unknown>): { readonly id: string } => answer.key as { readonly id: string };
  const remember = (answer: Record<string, unknown>): Record<string, unknown> => {
    if (typeof answer.secret === "string" && answer.secret !== "") secrets.add(answer.secret);
    return answer;
  };

  const held = async (): Promise<string> => {
    void fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", ...bearing(keys.user) },
      body: JSON.stringify({ model: "gpt-4o", messages: [{ role: "user", content: randomBytes(4).toString("hex") }] }),
    }).catch(() => undefined);
    const waiting = async (): Promise<{ id: string }[]> => {
      const { approvals } = await rpc("ApprovalService.ListApprovals", { state: "APPROVAL_STATE_PENDING" }, { key: keys.admin });
      return approvals as { id: string }[];
    };
    await expect.poll(async () => (await waiting()).length, { timeout: 10_000 }).toBe(1);
    return (await waiting())[0]?.id ?? "";
  };

  it("is written down, or not made: access", async () => {
    await change("IdentityService.CreateServiceIdentity", { identity: { name: "svc", kind: "service" } });
    const made = remember(await change("TokenService.CreateApiKey", { identity: "svc" }));
    remember(await change("TokenService.RotateApiKey", { id: keyIn(made).id }));
    await change("TokenService.Revoke", { what: { connection: "gpt" }, reason: "a test" });
    await change("TokenService.Restore", { what: { connection: "gpt" } });
    await change("IdentityService.DisableIdentity", { key: { issuer: "weir", subject: "svc" } });
    await change("IdentityService.EnableIdentity", { key: { issuer: "weir", subject: "svc" } });
    await change("IdentityService.DeleteServiceIdentity", { name: "svc" });
  });

  it("is written down, or not made: configuration", async () => {
    const document = { protocol: "openai", upstream: `http://127.0.0.1:${upstream.port}/v1`, route: { models: ["other-*"] } };
    const sealed = { header: "authorization", value: `Bearer ${credential}` };
    await change("ConnectionService.CreateConnection", { name: "other", document, credential: sealed });
    await change("ConnectionService.UpdateConnection", { name: "other", document: { ...document, anonymous: true } });
    const policy = { match: { groups: ["user"], connections: ["other"] }, effect: "allow" };
    await change("PolicyService.CreatePolicy", { name: "others", document: policy });
    await change("PolicyService.UpdatePolicy", { name: "others", document: { ...policy, effect: "deny" } });
    await change("PolicyService.DeletePolicy", { name: "others" });
    await change("ConnectionService.DeleteConnection", { name: "other" });
    const issuer = { issuer: "https://id.example.com", audience: "weir" };
    await change("ConfigurationService.ApplyConfiguration", {
      objects: [{ kind: "OBJECT_KIND_ISSUER", name: "corp", document: issuer }],
    });
  });

  it("is written down, or not made: approvals", async () => {
    const id = await held();
    await change("ApprovalService.GetApproval", { id });
    await change("ApprovalService.ApproveRequest", { id });
    await change("ApprovalService.DenyRequest", { id: await held(), reason: "no" });
  });

  it("of the table was made, and no secret stands in what was written", async () => {
    expect(changed.sort()).toEqual(
      Object.entries(table)
        .filter(([, { audit }]) => audit !== undefined)
        .map(([name]) => name)
        .sort(),
    );
    const { rows } = await database.query("SELECT e::text AS event FROM weir.audit_events e");
    const written = rows.map(({ event }: { event: string }) => event).join("\n");
    expect(secrets.size).toBeGreaterThan(7);
    for (const secret of secrets) expect(written).not.toContain(secret.slice(0, 24));
  });
});
