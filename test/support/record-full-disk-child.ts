/**
 * A process whose files may not grow beyond what the shell that started it allows: records until it is refused, waits, and records again.
 * Prints as JSON the ids acknowledged before and after, and the reason of the refusal. Arguments: data folder, database (JSON), key (base64).
 */

import { setTimeout as sleep } from "node:timers/promises";
import { GatewayError } from "../../src/envelope/error.ts";
import { startRecorder } from "../../src/sessions/index.ts";
import { silentLog } from "./database.ts";
import { makeCall, makeRequest, userText } from "./recorded-call.ts";

const [dataDir = "", database = "", key = ""] = process.argv.slice(2);
const recorder = await startRecorder({
  dataDir,
  database: JSON.parse(database),
  encryptionKey: Buffer.from(key, "base64"),
  durability: "process",
  log: silentLog,
});

const acknowledged: string[] = [];
const record = async (): Promise<void> => {
  const call = makeCall();
  const session = recorder.open(call);
  await session.request(makeRequest([userText("x".repeat(500))]));
  await session.end({ kind: "answered", status: 200, usage: undefined });
  acknowledged.push(call.id);
};

let reason: string | undefined;
while (reason === undefined) {
  await record().catch((error) => {
    reason = GatewayError.from(error).reason;
  });
}
const before = acknowledged.length;
// Longer than the journal waits before it tries a new file.
await sleep(1_100);
await record();
await recorder.stop();
process.stdout.write(JSON.stringify({ reason, before, acknowledged }));
