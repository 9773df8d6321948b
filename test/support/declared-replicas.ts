/** Two replicas over one database, each with a file of its own, to which more is declared while they run. */

import { randomBytes } from "node:crypto";
import type { JsonObject } from "@bufbuild/protobuf";
import { ApprovalService } from "../../src/gen/weir/v1/approval_pb.ts";
import { ConfigurationService, ObjectKind } from "../../src/gen/weir/v1/configuration_pb.ts";
import { ConnectionService } from "../../src/gen/weir/v1/connection_pb.ts";
import { PolicyService } from "../../src/gen/weir/v1/policy_pb.ts";
import { cloneDatabase, type ServerAddress, type TestDatabase } from "./database.ts";
import { startTestGateway, type TestGateway, type TestGatewayOptions } from "./gateway.ts";
import { managing, type Spoken } from "./management.ts";
import { ScriptedUpstream } from "./upstream.ts";

const newKey = (): string => `weir_${randomBytes(32).toString("hex")}`;

/** Keys of a caller, and of people with one role each. */
export const keys = { CALLER: newKey(), REVIEWER: newKey(), ADMIN: newKey(), AUDITOR: newKey() };

/** What no table, log or answer may hold. */
export const upstreamKey = `up-${randomBytes(24).toString("hex")}`;

export const credential = { header: "Authorization", value: `Bearer ${upstreamKey}` };

export const openai = (port: number): JsonObject => ({
  protocol: "openai",
  upstream: `http://127.0.0.1:${port}/v1`,
  route: { models: ["gpt-*"] },
});

export const allow = (connection: string): JsonObject => ({ match: { groups: ["analysts"], connections: [connection] }, effect: "allow" });

/** The services of a replica's management API. */
export const servicesAt = ({ adminUrl }: TestGateway, key = keys.ADMIN, spoken: Spoken = "connect") => {
  const signedIn = { adminUrl, key, spoken };
  return {
    connections: managing(ConnectionService, signedIn),
    policies: managing(PolicyService, signedIn),
    configuration: managing(ConfigurationService, signedIn),
    approvals: managing(ApprovalService, signedIn),
  };
};

/** Takes away everything that was declared. */
export const clear = async (replica: TestGateway): Promise<void> => {
  await servicesAt(replica).configuration.applyConfiguration({ objects: [], prune: true });
};

export const ask = (replica: TestGateway, connection: string, body: object = {}): Promise<Response> =>
  fetch(`${replica.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${keys.CALLER}`, "content-type": "application/json", "weir-connection": connection },
    body: JSON.stringify({ model: "gpt-4o", messages: [{ role: "user", content: "hello" }], ...body }),
  });

export const statusOf = async (replica: TestGateway, connection: string): Promise<number> => {
  const answer = await ask(replica, connection);
  await answer.text();
  return answer.status;
};

export interface Replicas {
  readonly upstream: ScriptedUpstream;
  readonly other: ScriptedUpstream;
  readonly database: TestDatabase;
  readonly first: TestGateway;
  readonly second: TestGateway;
  /** A connection to `upstream`, with a policy for it and an issuer. */
  readonly set: () => { kind: ObjectKind; name: string; document: JsonObject; credential?: typeof credential }[];
  /** Starts one more; `more` follows the policies of its file. */
  readonly start: (more?: string, options?: Partial<TestGatewayOptions>) => Promise<TestGateway>;
  readonly close: () => Promise<void>;
}

const configuration = (port: number, more: string): string => `
egress: { allow: [127.0.0.0/8] }
recording: { detectors: [email] }
roles: { admin: [platform], reviewer: [security], auditor: [audit] }
identities:
  - { name: caller, kind: service, groups: [analysts], apiKey: "\${env:CALLER}" }
  - { name: carol, kind: human, groups: [security], apiKey: "\${env:REVIEWER}" }
  - { name: root, kind: human, groups: [platform], apiKey: "\${env:ADMIN}" }
  - { name: otto, kind: human, groups: [audit], apiKey: "\${env:AUDITOR}" }
connections:
  - { name: filed, protocol: openai, upstream: "http://127.0.0.1:${port}/v1", credential: { header: Authorization, value: "\${env:CALLER}" }, route: { models: [filed] } }
policies:
  - { name: of-file, match: { groups: [analysts], connections: [filed] }, effect: allow }
${more}`;

export const startReplicas = async (server: ServerAddress): Promise<Replicas> => {
  const [upstream, other, database] = await Promise.all([ScriptedUpstream.start(), ScriptedUpstream.start(), cloneDatabase(server)]);
  const common = { env: keys, database: database.address, encryptionKey: randomBytes(32).toString("base64") };
  const start: Replicas["start"] = (more = "", options = {}) =>
    startTestGateway({ ...common, configuration: configuration(upstream.port, more), ...options });
  const [first, second] = [await start(), await start()];
  const set: Replicas["set"] = () => [
    { kind: ObjectKind.CONNECTION, name: "gpt", document: openai(upstream.port), credential },
    { kind: ObjectKind.POLICY, name: "analysts", document: allow("gpt") },
    { kind: ObjectKind.ISSUER, name: "corp", document: { issuer: "https://id.example.com", audience: "weir" } },
  ];
  const close = async (): Promise<void> => {
    await Promise.all([first.close(), second.close()]);
    await Promise.all([database.drop(), upstream.close(), other.close()]);
  };
  return { upstream, other, database, first, second, set, start, close };
};
