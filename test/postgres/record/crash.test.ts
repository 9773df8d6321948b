import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { appendFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";
import { audit, findSession, KeyMismatchError, startRecorder } from "../../../src/sessions/index.ts";
import { silentLog } from "../../support/database.ts";
import { openRecordBench, type RecordBench } from "../../support/record.ts";

interface Killed {
  /** The session that was being streamed. */
  readonly stream: string;
  /** Sessions whose end was acknowledged. */
  readonly acknowledged: readonly string[];
}

const fileBytes = 100_000;

describe("a gateway killed while it records", () => {
  let bench: RecordBench;
  beforeEach(async () => {
    bench = await openRecordBench(inject("postgres"));
  });
  afterEach(() => bench.close());

  const recordUntilKilled = async (sessions: number, database: object): Promise<Killed> => {
    const values = [bench.dataDir, JSON.stringify(database), bench.encryptionKey.toString("base64"), String(fileBytes)];
    const child: ChildProcess = spawn(process.execPath, ["--import", "tsx", "test/support/record-child.ts", ...values], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    for await (const chunk of child.stdout ?? []) {
      output += String(chunk);
      if (output.split("\n").length > sessions + 1 && child.kill("SIGKILL")) break;
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    const [stream = "", ...acknowledged] = output.split("\n").slice(0, -1);
    return { stream, acknowledged };
  };

  const stored = async (): Promise<Set<string>> =>
    new Set(
      (await bench.database.query("SELECT session_id FROM weir.session_ends WHERE outcome = 'answered'")).rows.map((row) =>
        String(row.session_id),
      ),
    );

  it.each([
    ["with its database", {}],
    ["without its database", { host: "127.0.0.1", port: 9 }],
  ])("loses no session whose end was acknowledged, and marks the broken one (%s)", async (_, away) => {
    const { stream, acknowledged } = await recordUntilKilled(600, { ...bench.database.address, ...away });
    expect(acknowledged.length).toBeGreaterThanOrEqual(600);
    await (await bench.start()).stop(60_000);

    const ended = await stored();
    expect(acknowledged.filter((id) => !ended.has(id))).toEqual([]);
    expect(await findSession(bench.reader, stream)).toMatchObject({ state: "interrupted" });
    expect(await audit(bench.reader)).toMatchObject({ open: [], findings: [] });
    expect(readdirSync(join(bench.dataDir, "journal"))).toEqual([]);
  });

  it("starts past a torn end of the journal", async () => {
    const { stream, acknowledged } = await recordUntilKilled(50, { ...bench.database.address, host: "127.0.0.1", port: 9 });
    const [last] = readdirSync(join(bench.dataDir, "journal"))
      .filter((name) => name.endsWith(".journal"))
      .sort()
      .slice(-1);
    appendFileSync(join(bench.dataDir, "journal", last ?? ""), randomBytes(777));
    await (await bench.start()).stop(60_000);
    const ended = await stored();
    expect(acknowledged.filter((id) => !ended.has(id))).toEqual([]);
    expect(await findSession(bench.reader, stream)).toMatchObject({ state: "interrupted" });
    expect(await audit(bench.reader)).toMatchObject({ open: [], findings: [] });
  });

  it("does not start on its journal under another key, and keeps the journal", async () => {
    await recordUntilKilled(10, { ...bench.database.address, host: "127.0.0.1", port: 9 });
    const files = readdirSync(join(bench.dataDir, "journal")).filter((name) => name.endsWith(".journal"));
    const other = {
      dataDir: bench.dataDir,
      database: bench.database.address,
      encryptionKey: randomBytes(32),
      durability: "process",
      log: silentLog,
    } as const;
    await expect(startRecorder(other)).rejects.toThrow(KeyMismatchError);
    expect(readdirSync(join(bench.dataDir, "journal"))).toEqual(files);
  });
});
