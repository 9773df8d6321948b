/**
 * CPU time of the record, per unary session and per streamed piece: open, request, answer, pieces, end, journal, and shipping into a real
 * PostgreSQL. Usage: tsx bench/record/run.ts [sessions] [concurrency]
 */

import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Call } from "../../src/envelope/call.ts";
import { type RunningRecorder, startRecorder } from "../../src/sessions/index.ts";
import { migrate, startEmbedded } from "../../src/store/index.ts";
import { silentLog } from "../../test/support/database.ts";
import { answerLane, makeCall, makeRequest, masked, userText } from "../../test/support/recorded-call.ts";

const sessions = Number(process.argv[2] ?? 50_000);
const concurrency = Number(process.argv[3] ?? 16);

const prompt = "Summarise the attached minutes in five bullet points, and name who has to do what by when. ".repeat(4);
const answer = "The committee met on Tuesday and agreed on three measures, of which the second needs [NAME]'s consent. ".repeat(6);
const delta = " four";

/** One call changed little by little: what making calls costs is not the record's. */
const template = makeCall();
const idBase = randomBytes(8).toString("hex");
let calls = 0;
const nextCall = (): Call => ({ ...template, id: idBase + (calls++).toString(16).padStart(16, "0"), receivedAt: Date.now() });
const request = makeRequest([userText(prompt)]);

const unary = async (recorder: RunningRecorder): Promise<void> => {
  const record = recorder.open(nextCall());
  record.identified(request.principal);
  await record.request(request);
  record.answer(200, "masked");
  record.piece(answerLane, "assistant", masked(answer));
  await record.end({ kind: "answered", status: 200, usage: { input: 90, output: 120 } });
};

/** Microseconds of CPU, this process only: PostgreSQL's are not ours. */
const cpuOf = async (work: () => Promise<void>): Promise<number> => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
};

const runUnary = async (recorder: RunningRecorder, count: number): Promise<void> => {
  let left = count;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await unary(recorder);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
};

const runStream = async (recorder: RunningRecorder, pieces: number): Promise<void> => {
  const record = recorder.open(nextCall());
  await record.request(request);
  record.answer(200, "masked");
  for (let piece = 0; piece < pieces; piece++) record.piece(answerLane, "assistant", masked(delta));
  await record.end({ kind: "answered", status: 200, usage: undefined });
};

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const dataDir = await mkdtemp(join(tmpdir(), "weir-bench-"));
await chmod(dataDir, 0o755);
const embedded = await startEmbedded({ dataDir, log: silentLog });
await migrate(embedded.connection);
const start = (): Promise<RunningRecorder> =>
  startRecorder({ dataDir, database: embedded.connection, encryptionKey: randomKey, durability: "process", log: silentLog });
const randomKey = randomBytes(32);

let recorder = await start();
await runUnary(recorder, 5_000);
await recorder.stop(60_000);

recorder = await start();
const began = performance.now();
const cpu = await cpuOf(async () => {
  await runUnary(recorder, sessions);
  await recorder.stop(600_000);
});
const seconds = (performance.now() - began) / 1000;
say(
  `${sessions} unary sessions, ${concurrency} at a time: ${(cpu / sessions).toFixed(1)} µs CPU each, shipped; ${(sessions / seconds).toFixed(0)}/s`,
);

recorder = await start();
const pieces = 1_000_000;
const streamed = await cpuOf(async () => {
  await runStream(recorder, pieces);
  await recorder.stop(60_000);
});
say(`${pieces} streamed pieces of one session: ${(streamed / pieces).toFixed(3)} µs CPU each`);
say(`memory: ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB`);

await embedded.stop();
await rm(dataDir, { recursive: true });
