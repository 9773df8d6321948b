/** The gateway that the official SDKs are tested against: a policy with every kind of refusal in it, and a count of requests. */

import { randomBytes } from "node:crypto";
import type { DatabaseParts } from "../../src/store/index.ts";
import { startTestGateway } from "../support/gateway.ts";
import type { ScriptedUpstream } from "../support/upstream.ts";
import { countRequests, deadPort } from "./arrivals.ts";
import { listedModels, startScriptedModel } from "./scripted-model.ts";

export interface SdkGateway {
  /** What an SDK is given as its base address. */
  readonly baseUrl: string;
  /** What an SDK is given as its API key. */
  readonly key: string;
  /** The key of somebody else who may do the same. */
  readonly colleagueKey: string;
  /** What clients that run as programs of their own are told besides: the colleague's key, and where the model is without the gateway. */
  readonly told: Readonly<Record<string, string>>;
  readonly model: ScriptedUpstream;
  /** Requests that have reached the gateway's main port so far, counted as they arrive. */
  readonly requests: () => number;
  close(): Promise<void>;
}

/** Names that the scripted model knows an answer to. */
const scriptedModels = [
  ...listedModels,
  "structured",
  "incomplete",
  "failed",
  "cancelled",
  "error",
  "busy",
  "broken",
  "strict",
  "locked",
  "html",
  "dies",
  "hangs",
];

const configuration = (modelUrl: string, dead: number): string => `
egress: { allow: [127.0.0.0/8] }
identities:
  - { name: sdk, kind: service, groups: [sdk], apiKey: "\${env:WEIR_SDK_KEY}" }
  - { name: colleague, kind: service, groups: [sdk], apiKey: "\${env:WEIR_COLLEAGUE_KEY}" }
connections:
  - name: model
    protocol: openai
    upstream: ${modelUrl}
    credential: { header: authorization, value: "Bearer \${env:WEIR_UPSTREAM_KEY}" }
    timeouts: { firstByte: 1s }
    route: { models: [${[...scriptedModels, "reviewed", "forbidden"].join(", ")}] }
  - name: gone
    protocol: openai
    upstream: http://127.0.0.1:${dead}/v1
    route: { models: [gone] }
policies:
  - name: sdk
    match: { groups: [sdk], connections: [model], models: [${[...scriptedModels, "reviewed"].join(", ")}] }
    effect: allow
    limits: { promptTokens: 1000 }
    prompts: { deny: ["(?i)open sesame"] }
    mask: { request: [credentials], response: [credentials] }
  - name: stored
    match: { groups: [sdk], connections: [model], operations: [responses.get, responses.delete, responses.input_items] }
    effect: allow
    mask: { request: [credentials], response: [credentials] }
  - name: gone
    match: { groups: [sdk], connections: [gone], models: [gone] }
    effect: allow
  - name: reviewed
    match: { groups: [sdk], connections: [model], models: [reviewed] }
    effect: allow
    approval: { reviewers: { groups: [security], count: 1 }, expires: 1s }
`;

/** Starts the scripted model and a gateway before it, both in this process; without a database given, the gateway starts its own. */
export const startSdkGateway = async (database?: DatabaseParts): Promise<SdkGateway> => {
  const model = await startScriptedModel();
  const key = `weir_${randomBytes(32).toString("hex")}`;
  const colleagueKey = `weir_${randomBytes(32).toString("hex")}`;
  const gateway = await startTestGateway({
    configuration: configuration(model.connection().upstream, await deadPort()),
    env: { WEIR_SDK_KEY: key, WEIR_COLLEAGUE_KEY: colleagueKey, WEIR_UPSTREAM_KEY: upstreamKey },
    ...(database === undefined ? {} : { database }),
  });
  const arrivals = countRequests(gateway.port);
  return {
    baseUrl: `${gateway.url}/v1`,
    key,
    colleagueKey,
    told: { WEIR_COLLEAGUE_KEY: colleagueKey, WEIR_MODEL_URL: model.connection().upstream },
    model,
    requests: arrivals.count,
    close: async () => {
      arrivals.stop();
      await gateway.close();
      await model.close();
    },
  };
};

/** The connection's own credential, which the model must see and the caller must not. */
export const upstreamKey = "the-connection-s-own-credential";
