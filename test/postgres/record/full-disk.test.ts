import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";
import { audit } from "../../../src/sessions/index.ts";
import { openRecordBench, type RecordBench } from "../../support/record.ts";

const run = promisify(execFile);

/** The shell keeps files at 64 KiB (`ulimit -f` counts 512 bytes in dash, 1 KiB in bash); a write beyond fails half done. */
const script = 'trap "" XFSZ; ulimit -f 64; exec "$@"';

describe("a journal that the disk refuses", () => {
  let bench: RecordBench;
  beforeEach(async () => {
    bench = await openRecordBench(inject("postgres"));
  });
  afterEach(() => bench.close());

  it("refuses calls, loses nothing acknowledged, goes on in a new file, and ends what lost its end", async () => {
    const child = ["--import", "tsx", "test/support/record-full-disk-child.ts", bench.dataDir, JSON.stringify(bench.database.address)];
    const key = bench.encryptionKey.toString("base64");
    const { stdout } = await run("/bin/sh", ["-c", script, "sh", process.execPath, ...child, key]);
    const { reason, before, acknowledged } = JSON.parse(stdout);
    expect(reason).toBe("recording_failed");
    expect(before).toBeGreaterThan(5);
    expect(acknowledged).toHaveLength(before + 1);

    const { rows } = await bench.database.query("SELECT session_id FROM weir.session_ends WHERE outcome = 'answered'");
    expect(new Set(rows.map((row) => row.session_id))).toEqual(new Set(acknowledged));
    expect(await audit(bench.reader)).toMatchObject({ open: [], findings: [] });
  });
});
