import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";
import { audit } from "../../../src/sessions/index.ts";
import { forgetExpired } from "../../../src/sessions/retention.ts";
import { openPool } from "../../../src/store/index.ts";
import { silentLog } from "../../support/database.ts";
import { openRecordBench, type RecordBench } from "../../support/record.ts";
import { answerLane, makeCall, makeRequest, masked, userText } from "../../support/recorded-call.ts";

const dayMs = 24 * 60 * 60 * 1000;

describe("the stored record", () => {
  let bench: RecordBench;
  beforeEach(async () => {
    bench = await openRecordBench(inject("postgres"));
  });
  afterEach(() => bench.close());

  /** Records a call that began some days ago and is kept for as many. */
  const recordOne = async (ageDays = 0, retentionDays = 90): Promise<string> => {
    const recorder = await bench.start();
    const call = makeCall({ receivedAt: Date.now() - ageDays * dayMs });
    const record = recorder.open(call);
    await record.request(makeRequest([userText("x")], { retentionDays }));
    record.answer(200, "masked");
    record.piece(answerLane, "assistant", masked("an answer"));
    await record.end({ kind: "answered", status: 200, usage: undefined });
    await recorder.stop();
    return call.id;
  };

  const tampering: [string, string, string][] = [
    ["a changed list entry", "UPDATE weir.sessions SET principal_name = 'bob'", "the list of sessions says something else"],
    ["a changed outcome", "UPDATE weir.session_ends SET outcome = 'stopped'", "the list of ends says something else"],
    ["a removed list entry", "DELETE FROM weir.sessions", "missing from the list of sessions"],
    ["a removed end", "DELETE FROM weir.session_events WHERE seq = 1", "its last event is missing"],
    ["a removed beginning", "DELETE FROM weir.session_events WHERE seq = 0", "events 0 to 0 are missing"],
    ["all events removed", "DELETE FROM weir.session_events", "its first event is missing"],
    ["a changed text", "UPDATE weir.session_events SET body = overlay(body PLACING '\\x00' FROM 12) WHERE seq = 1", "has been altered"],
    ["a moved session", "UPDATE weir.session_events SET session_id = 'another'", "the event belongs elsewhere"],
  ];

  it.each(tampering)("shows %s, and names the session", async (_, statement, problem) => {
    const id = await recordOne();
    expect(await audit(bench.reader)).toMatchObject({ sessions: 1, findings: [], open: [] });
    await bench.database.query(statement);
    const { findings } = await audit(bench.reader);
    expect(findings.map((finding) => finding.problem).join("\n")).toContain(problem);
    expect([id, "another"]).toContain(findings[0]?.session);
  });

  it("forgets sessions whose time is over, by the day, and keeps the others verifiable", async () => {
    await recordOne(40, 30);
    await recordOne(20, 10);
    const kept = await recordOne(20, 90);
    await recordOne(0, 90);
    const owner = openPool({ address: bench.database.address, role: "owner", log: silentLog });
    const days = await Promise.all([forgetExpired(owner), forgetExpired(owner)]);
    await owner.end();
    expect(days.flat()).toEqual([new Date(Date.now() - 40 * dayMs).toISOString().slice(0, 10)]);
    expect(await audit(bench.reader)).toMatchObject({ sessions: 2, findings: [], open: [] });
    const { rowCount } = await bench.database.query("SELECT FROM weir.session_ends WHERE session_id = $1", [kept]);
    expect(rowCount).toBe(1);
  });

  it("takes late events of a day that was forgotten", async () => {
    await recordOne(40, 30);
    await bench.database.query("SELECT weir.retain()");
    await recordOne(40, 30);
    expect(await audit(bench.reader)).toMatchObject({ sessions: 1, findings: [], open: [] });
  });
});
