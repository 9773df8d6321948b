/** A process that starts the embedded database as a gateway does, writes a row, says `ready` and stays until it is killed (`once`: stops it). */

import pg from "pg";
import { startEmbedded } from "../../src/store/index.ts";
import { silentLog } from "./database.ts";

const [dataDir = "", mode] = process.argv.slice(2);
const database = await startEmbedded({ dataDir, log: silentLog });
const client = new pg.Client(database.connection);
await client.connect();
await client.query("CREATE TABLE IF NOT EXISTS kept AS SELECT 42 AS n");
await client.end();
process.stdout.write("ready\n");
if (mode === "once") await database.stop();
else setInterval(() => undefined, 60_000);
