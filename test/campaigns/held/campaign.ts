/** Many held requests, decided at random, while a replica is killed and the database is restarted: each must end as it was decided. */

import { setTimeout as sleep } from "node:timers/promises";
import { cloneDatabase } from "../../support/database.ts";
import { startDatabaseServer } from "../../support/database-server.ts";
import { HeldArena } from "../../support/held/arena.ts";
import { type Replica, startReplicas } from "../../support/replicas.ts";
import { askToTheEnd } from "./callers.ts";
import { Decisions } from "./decisions.ts";
import { drawPlan, type Ended, type Planned } from "./plan.ts";

export interface HeldCampaign {
  readonly requests: number;
  /** At most twenty requests of one caller wait at once. */
  readonly callers: number;
  readonly expiresSeconds: number;
  /** Told what happens, as it does. */
  readonly say: (line: string) => void;
}

const replicaCount = 2;
const pauseMs = 250;
/** How many times the time of an approval everything may take before a caller gives up. */
const patience = 4;

interface Field {
  readonly arena: HeldArena;
  readonly replicas: readonly Replica[];
  readonly restartDatabase: () => Promise<void>;
}

/** Resolves once so many wait, or as many as ever will. */
const untilHeld = async (decisions: Decisions, count: number, deadline: number): Promise<void> => {
  while ((await decisions.pending()).length < count && Date.now() < deadline) await sleep(pauseMs);
};

/** On the way, at a quarter, replica 0 is killed and started again; and half-way the database is. */
const decideAll = async (decisions: Decisions, { replicas, restartDatabase }: Field, say: HeldCampaign["say"]): Promise<void> => {
  const ids = await decisions.pending();
  let trouble: Promise<unknown> = Promise.resolve();
  const begin = (work: Promise<void> | undefined): void => {
    trouble = work ?? trouble;
    // Told of where it is waited for.
    trouble.catch(() => undefined);
  };
  for (const [turn, id] of ids.entries()) {
    if (turn === Math.floor(ids.length / 4)) {
      say(`${turn} decided: the first replica is killed`);
      begin(replicas[0]?.killAndRestart());
    }
    if (turn === Math.floor(ids.length / 2)) {
      await trouble;
      say(`${turn} decided: the database is restarted`);
      begin(restartDatabase());
    }
    await decisions.decide(id);
  }
  await trouble;
};

const endedOf = (planned: Planned, told: Pick<Ended, "ending" | "retries">, forwarded: readonly string[], decisions: Decisions): Ended => ({
  planned,
  ...told,
  forwarded: forwarded.filter((mark) => mark === planned.mark).length,
  usedUp: decisions.usedUp.has(planned.mark),
});

const play = async (field: Field, { requests, callers, expiresSeconds, say }: HeldCampaign): Promise<readonly Ended[]> => {
  const { arena, replicas } = field;
  const plan = drawPlan(requests, callers);
  const decisions = new Decisions(plan, replicas, arena.reviewerKey);
  const giveUpAt = Date.now() + patience * expiresSeconds * 1_000;
  let over = false;
  const asked = Promise.all(
    plan.map(async (planned) => {
      const replica = replicas[planned.replica];
      if (replica === undefined) throw new Error("no such replica");
      return askToTheEnd(planned, { replica, key: arena.keys[planned.caller] ?? "", giveUpAt });
    }),
  ).finally(() => {
    over = true;
  });
  await untilHeld(decisions, requests, Date.now() + (expiresSeconds * 1_000) / 2);
  say(`${(await decisions.pending()).length} of ${requests} wait; forwarded: ${arena.forwarded.length}`);
  await decideAll(decisions, field, say);
  say("all decided; what waits again, or came late, is decided as it comes");
  while (!over) {
    for (const id of await decisions.pending()) await decisions.decide(id);
    await sleep(pauseMs);
  }
  const told = await asked;
  return plan.map((planned, at) => endedOf(planned, told[at] ?? { ending: "unclear", retries: [] }, arena.forwarded, decisions));
};

/** Plays the campaign with gateways and a database of its own; resolves with how each request ended. */
export const playHeldCampaign = async (campaign: HeldCampaign): Promise<readonly Ended[]> => {
  const server = await startDatabaseServer();
  const database = await cloneDatabase(server.address);
  const arena = await HeldArena.start({ callers: campaign.callers, expires: `${campaign.expiresSeconds}s` });
  const { replicas, close } = await startReplicas(replicaCount, {
    configuration: arena.configuration,
    env: arena.env,
    database: database.address,
  });
  try {
    return await play({ arena, replicas, restartDatabase: () => server.restart() }, campaign);
  } finally {
    await close();
    await arena.close();
    await server.stop();
  }
};
