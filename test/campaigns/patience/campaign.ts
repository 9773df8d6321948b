/** Official SDKs wait for a person: each call is decided after a while in real time, by what its prompt says. */

import { setTimeout as sleep } from "node:timers/promises";
import type { DatabaseParts } from "../../../src/store/index.ts";
import { countRequests } from "../../conformance/arrivals.ts";
import { startTestGateway } from "../../support/gateway.ts";
import { HeldArena } from "../../support/held/arena.ts";
import { pendingIds, type Reviewing, reviewingAt } from "../../support/held/reviewing.ts";
import type { PatientClient, Told } from "./clients.ts";

export interface PatienceCampaign {
  readonly clients: readonly PatientClient[];
  /** How long each call waits for its decision. */
  readonly seconds: number;
  readonly database: DatabaseParts;
}

/** Every SDK makes this many calls: approved and denied, whole and streamed. */
const callsOfOne = 4;

export interface Patience {
  readonly told: readonly (Told & { readonly client: string })[];
  /** Requests that reached the gateway, and that it forwarded. */
  readonly arrived: number;
  readonly forwarded: number;
}

const pauseMs = 100;

const decide = async (client: Reviewing, id: string): Promise<void> => {
  const { texts } = await client.getApproval({ id });
  if (JSON.stringify(texts.map(({ text }) => text)).includes("deny")) await client.denyRequest({ id, reason: "not today" });
  else await client.approveRequest({ id });
};

/** Plays the campaign with a gateway of its own. */
export const playPatienceCampaign = async ({ clients, seconds, database }: PatienceCampaign): Promise<Patience> => {
  const arena = await HeldArena.start({ callers: 1, expires: "10m" });
  const gateway = await startTestGateway({ configuration: arena.configuration, env: arena.env, database });
  const arrivals = countRequests(gateway.port);
  const [key = ""] = arena.keys;
  try {
    const running = Promise.all(
      clients.map(async ({ name, run }) => (await run({ url: gateway.url, key })).map((told) => ({ client: name, ...told }))),
    );
    const reviewer = reviewingAt(gateway.adminUrl, arena.reviewerKey);
    while ((await pendingIds(reviewer)).length < clients.length * callsOfOne) await sleep(pauseMs);
    await sleep(seconds * 1_000);
    for (const id of await pendingIds(reviewer)) await decide(reviewer, id);
    return { told: (await running).flat(), arrived: arrivals.count(), forwarded: arena.forwarded.length };
  } finally {
    arrivals.stop();
    await gateway.close();
    await arena.close();
  }
};

/** What is wrong with how calls ended; empty: nothing is. `seconds`: how long they had to wait. */
export const impatience = ({ told, arrived, forwarded }: Patience, seconds: number): readonly string[] => {
  const wrong = told.filter(({ prompt, said, error, seconds: waited }) =>
    prompt.startsWith("approve") ? error !== null || said !== "done" || waited < seconds : !isDenial(error) || !said.includes("not today"),
  );
  const approved = told.filter(({ prompt }) => prompt.startsWith("approve")).length;
  return [
    ...wrong.map((each) => `ended otherwise: ${JSON.stringify(each)}`),
    ...(arrived === told.length ? [] : [`${told.length} calls made ${arrived} requests`]),
    ...(forwarded === approved ? [] : [`${approved} calls were approved and ${forwarded} forwarded`]),
  ];
};

/** With a status it is each SDK's class for 403; inside a stream that has begun, its class for an error in a stream. */
const isDenial = (error: string | null): boolean => error === "PermissionDeniedError" || error === "APIError" || error === "APIStatusError";
