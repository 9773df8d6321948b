/**
 * A process that records until it is killed: many short sessions one after the other, and one stream that never ends. Prints the id of each
 * session once its end was acknowledged, and first the id of the stream. Arguments: data folder, database (JSON), key (base64), file bytes.
 */

import { startRecorder } from "../../src/sessions/index.ts";
import { silentLog } from "./database.ts";
import { answerLane, makeCall, makeRequest, masked, userText } from "./recorded-call.ts";

const [dataDir = "", database = "", key = "", fileBytes = ""] = process.argv.slice(2);
const recorder = await startRecorder({
  dataDir,
  database: JSON.parse(database),
  encryptionKey: Buffer.from(key, "base64"),
  durability: "process",
  log: silentLog,
  journalFileBytes: Number(fileBytes),
});

const stream = makeCall();
const record = recorder.open(stream);
await record.request(makeRequest([userText("a long story, please")]));
record.answer(200, "masked");
record.piece(answerLane, "assistant", masked("Once upon a time"));
process.stdout.write(`${stream.id}\n`);

for (let count = 0; ; count++) {
  const call = makeCall();
  const short = recorder.open(call);
  await short.request(makeRequest([userText(`question ${count}`)]));
  short.answer(200, "masked");
  short.piece(answerLane, "assistant", masked(`answer ${count}`));
  if (count % 50 === 0) record.piece(answerLane, "assistant", masked("x".repeat(40_000)));
  await short.end({ kind: "answered", status: 200, usage: { input: 1, output: 2 } });
  process.stdout.write(`${call.id}\n`);
}
