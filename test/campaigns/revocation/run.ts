/**
 * How long it takes from a revocation at one replica to the cut of a stream at another. Exits 1 when one is not cut for that reason, or p99 is above a second.
 * Usage: tsx test/campaigns/revocation/run.ts [TRIALS]
 */

import { startDatabaseServer } from "../../support/database-server.ts";
import { playRevocationCampaign, type Trial } from "./campaign.ts";
import { kinds } from "./kinds.ts";

const aimMs = 1_000;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** The value that this part of them does not exceed. */
const quantile = (values: readonly number[], part: number): number =>
  values.toSorted((one, other) => one - other)[Math.ceil(values.length * part) - 1] ?? 0;

const row = (name: string, trials: readonly Trial[]): string => {
  const times = trials.map(({ ms }) => ms);
  return `| ${name} | ${trials.length} | ${[0.5, 0.99, 1].map((part) => `${Math.round(quantile(times, part))} ms`).join(" | ")} |`;
};

const server = await startDatabaseServer();
const trials = await playRevocationCampaign(Number(process.argv[2] ?? 200), server.address).finally(() => server.stop());
say("| taken away | trials | p50 | p99 | max |");
say("|---|---|---|---|---|");
for (const kind of kinds)
  say(
    row(
      kind,
      trials.filter((trial) => trial.kind === kind),
    ),
  );
say(row("all", trials));
const violations = trials.filter(({ ending }) => ending !== "credential_revoked");
for (const { kind, protocol, ending } of violations) say(`${protocol}, ${kind}: ended as ${ending}`);
const times = trials.map(({ ms }) => ms);
if (violations.length > 0 || quantile(times, 0.99) > aimMs) process.exitCode = 1;
