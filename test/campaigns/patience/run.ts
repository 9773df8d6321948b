/**
 * The official SDKs with default settings wait for a person's decision. Exits 1 when one gives up, tries again, or tells of a denial as anything else.
 * Usage: tsx test/campaigns/patience/run.ts [SECONDS] [PYTHON WITH THE SDKS]
 */

import { cloneDatabase } from "../../support/database.ts";
import { startDatabaseServer } from "../../support/database-server.ts";
import { impatience, playPatienceCampaign } from "./campaign.ts";
import { nodeClients, pythonClients } from "./clients.ts";

const seconds = Number(process.argv[2] ?? 60);
const python = process.argv[3];
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const server = await startDatabaseServer();
try {
  const database = await cloneDatabase(server.address);
  const clients = python === undefined ? nodeClients : [...nodeClients, ...pythonClients(python)];
  const patience = await playPatienceCampaign({ clients, seconds, database: database.address });
  await database.drop();
  say("| SDK | call | decision | ended as | after |");
  say("|---|---|---|---|---|");
  for (const { client, streamed, prompt, error, said, seconds: waited } of patience.told)
    say(`| ${client} | ${streamed ? "streamed" : "whole"} | ${prompt.split(" ", 1)[0]} | ${error ?? said} | ${waited.toFixed(1)} s |`);
  say(`Requests that arrived: ${patience.arrived}; forwarded: ${patience.forwarded}.`);
  const wrong = impatience(patience, seconds);
  for (const line of wrong) say(line);
  if (wrong.length > 0) process.exitCode = 1;
} finally {
  await server.stop();
}
