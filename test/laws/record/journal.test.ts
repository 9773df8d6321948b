import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DataKey } from "../../../src/sessions/data-key.ts";
import { frameBytes, JournalFile } from "../../../src/sessions/journal/file.ts";
import { JournalReader } from "../../../src/sessions/journal/reader.ts";
import { KeyMismatchError, MasterKey } from "../../../src/sessions/master-key.ts";

const master = new MasterKey(randomBytes(32));

const readAll = async (path: string): Promise<string[]> => {
  const reader = await JournalReader.open(path, master);
  if (reader === undefined) return [];
  const payloads: string[] = [];
  for (let frame = await reader.next(); frame !== undefined; frame = await reader.next()) payloads.push(frame.payload.toString("hex"));
  await reader.close();
  return payloads;
};

describe("a journal file", () => {
  let folder: string;
  let files = 0;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "weir-journal-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A file with these frames; `start` is where the first begins. */
  const written = (payloads: readonly Uint8Array[]): { path: string; start: number } => {
    files += 1;
    const path = join(folder, `${files}.journal`);
    const file = new JournalFile(path, DataKey.make(master));
    const start = file.bytes;
    for (const payload of payloads) file.append("events", Buffer.from(payload));
    file.close();
    return { path, start };
  };

  const payloads = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 8 });
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

  it("gives, cut anywhere, exactly the frames that are whole before the cut", async () => {
    await fc.assert(
      fc.asyncProperty(payloads, fc.nat(), async (frames, where) => {
        const { path, start } = written(frames);
        const bytes = readFileSync(path);
        const cut = where % (bytes.length + 1);
        writeFileSync(path, bytes.subarray(0, cut));
        let end = start;
        const whole = frames.filter((frame) => {
          end += frameBytes(frame.length);
          return end <= cut;
        });
        expect(await readAll(path)).toEqual(whole.map(hex));
      }),
      { numRuns: 200 },
    );
  });

  it("gives nothing from a changed byte on, whichever it is", async () => {
    await fc.assert(
      fc.asyncProperty(payloads, fc.nat(), fc.integer({ min: 1, max: 255 }), async (frames, where, change) => {
        const { path, start } = written(frames);
        const bytes = readFileSync(path);
        const at = start + (where % (bytes.length - start));
        bytes.writeUInt8(bytes.readUInt8(at) ^ change, at);
        writeFileSync(path, bytes);
        let end = start;
        const before = frames.filter((frame) => {
          end += frameBytes(frame.length);
          return end <= at;
        });
        expect(await readAll(path)).toEqual(before.map(hex));
      }),
      { numRuns: 200 },
    );
  });

  it("does not take frames in another order", async () => {
    const { path, start } = written([Buffer.from("aaaa"), Buffer.from("bbbb")]);
    const bytes = readFileSync(path);
    const middle = start + frameBytes(4);
    writeFileSync(path, Buffer.concat([bytes.subarray(0, start), bytes.subarray(middle), bytes.subarray(start, middle)]));
    expect(await readAll(path)).toEqual([]);
  });

  it("shows nothing of what it holds", () => {
    const { path } = written([Buffer.from("a telling text")]);
    expect(readFileSync(path).includes("telling")).toBe(false);
  });

  it("cannot be opened under another key", async () => {
    const { path } = written([Buffer.from("x")]);
    await expect(JournalReader.open(path, new MasterKey(randomBytes(32)))).rejects.toThrow(KeyMismatchError);
  });
});
