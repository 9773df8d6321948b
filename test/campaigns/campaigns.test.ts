/** Each campaign in small, so that a change which breaks it is seen at once; `.ci/full` runs them at their full size. */

import { expect, inject, it } from "vitest";
import { cloneDatabase } from "../support/database.ts";
import { playHeldCampaign } from "./held/campaign.ts";
import { violation } from "./held/plan.ts";
import { impatience, playPatienceCampaign } from "./patience/campaign.ts";
import { nodeClients } from "./patience/clients.ts";
import { playRevocationCampaign } from "./revocation/campaign.ts";

/** A campaign starts processes, and restarts them: on a busy machine that takes a while. */
const campaignMs = 240_000;

const quiet = (): void => undefined;

it(
  "held requests of every protocol end as they were decided, though a replica is killed and the database restarted",
  async () => {
    const ended = await playHeldCampaign({ requests: 20, callers: 4, expiresSeconds: 30, say: quiet });
    expect(ended.flatMap((each) => violation(each) ?? [])).toEqual([]);
  },
  campaignMs,
);

it(
  "streams of every protocol are cut by every kind of revocation at another replica",
  async () => {
    const trials = await playRevocationCampaign(20, inject("postgres"));
    expect(trials.filter(({ ending }) => ending !== "credential_revoked")).toEqual([]);
    expect(trials).toHaveLength(20);
  },
  campaignMs,
);

it(
  "the official SDKs for Node wait for a person, and take a no for one",
  async () => {
    const database = await cloneDatabase(inject("postgres"));
    const patience = await playPatienceCampaign({ clients: nodeClients, seconds: 2, database: database.address });
    await database.drop();
    expect(impatience(patience, 2)).toEqual([]);
  },
  campaignMs,
);
