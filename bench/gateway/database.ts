/**
 * The database of a measured gateway, in a process of its own so that it can be pinned: starts the project's embedded PostgreSQL on the folder given,
 * prints its address and its main process's id as one line of JSON, and stops it when standard input ends.
 */

import { chmodSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { type DatabaseParts, startEmbedded } from "../../src/store/index.ts";

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** PostgreSQL writes its process id in the first line of this file. */
const serverPid = async (connection: DatabaseParts): Promise<number> => {
  const client = new pg.Client({ ...connection });
  await client.connect();
  const { rows } = await client.query<{ data_directory: string }>("SHOW data_directory");
  await client.end();
  return Number.parseInt(readFileSync(join(rows[0]?.data_directory ?? "", "postmaster.pid"), "utf8"), 10);
};

const urlOf = ({ host, user, password, database }: DatabaseParts): string =>
  `postgres://${user}:${encodeURIComponent(password)}@${encodeURIComponent(host)}/${database}`;

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("usage: database.ts FOLDER");
mkdirSync(folder, { recursive: true });
chmodSync(folder, 0o755); // as root, the server runs under another user and must be able to reach it
const database = await startEmbedded({ dataDir: folder, log: quiet });
console.log(JSON.stringify({ url: urlOf(database.connection), pid: await serverPid(database.connection) }));
for await (const _ of process.stdin); // until the parent lets go
await database.stop();
