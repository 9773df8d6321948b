/** Running streams, each cut by a revocation at the other replica: how long that takes. */

import { randomBytes } from "node:crypto";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { ServerAddress } from "../../support/database.ts";
import { cloneDatabase } from "../../support/database.ts";
import { startIssuer } from "../../support/issuer.ts";
import { startReplicas } from "../../support/replicas.ts";
import { type Field, type Kind, kinds, prepare } from "./kinds.ts";
import { type Protocol, protocols, startEndlessUpstreams } from "./streams.ts";

export interface Trial {
  readonly kind: Kind;
  readonly protocol: string;
  /** From the moment at which the revocation is asked for until the caller sees its stream cut, milliseconds. */
  readonly ms: number;
  /** `credential_revoked`; anything else is a violation. */
  readonly ending: string;
}

/** A stream that is not cut within this time never is, milliseconds. */
const patienceMs = 10_000;
const pauseMs = 20;

/** What was given back is in force at the serving replica once a stream begins there. */
const openOnce = async (protocol: Protocol, url: string, token: string): ReturnType<Protocol["open"]> => {
  for (const deadline = Date.now() + patienceMs; ; ) {
    try {
      return await protocol.open(url, token);
    } catch (thrown) {
      if (Date.now() > deadline) throw thrown;
      await sleep(pauseMs);
    }
  }
};

const tryOnce = async (field: Field, kind: Kind, protocol: Protocol): Promise<Trial> => {
  const { token, revoke, restore } = await prepare(field, kind, protocol.connection);
  const { ended } = await openOnce(protocol, field.serving.url, token);
  const from = performance.now();
  const cut = Promise.race([ended, sleep(patienceMs, "never")]).then((ending) => ({ ending, ms: performance.now() - from }));
  await revoke();
  const { ending, ms } = await cut;
  await restore();
  return { kind, protocol: protocol.name, ms, ending };
};

/** Plays so many trials, one after the other, over kinds and protocols in turn, with gateways of their own on this server. */
export const playRevocationCampaign = async (trials: number, server: ServerAddress): Promise<readonly Trial[]> => {
  const [database, issuer, upstreams] = await Promise.all([cloneDatabase(server), startIssuer(), startEndlessUpstreams()]);
  const adminKey = `weir_${randomBytes(32).toString("hex")}`;
  const configuration = `
egress: { allow: [127.0.0.0/8] }
roles: { admin: [platform] }
issuers: [{ name: corp, issuer: "${issuer.url}", audience: weir, algorithms: [RS256], groups: [analysts] }]
identities: [{ name: root, kind: human, groups: [platform], apiKey: "\${env:ADMIN}" }]
connections:${upstreams.connections}
policies: [{ name: analysts, match: { groups: [analysts] }, effect: allow }]
`;
  const { replicas, close } = await startReplicas(2, { configuration, env: { ADMIN: adminKey }, database: database.address });
  try {
    const [serving, revoking] = replicas;
    if (serving === undefined || revoking === undefined) throw new Error("there are no two replicas");
    const done: Trial[] = [];
    for (let turn = 0; turn < trials; turn++) {
      const [kind, protocol] = [kinds[turn % kinds.length], protocols[turn % protocols.length]];
      if (kind !== undefined && protocol !== undefined) done.push(await tryOnce({ issuer, serving, revoking, adminKey }, kind, protocol));
    }
    return done;
  } finally {
    await close();
    await Promise.all([upstreams.close(), issuer.away(), database.drop()]);
  }
};
