import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FolderBusyError, lockFolder } from "../../../src/store/index.ts";

describe("a folder's lock", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "weir-lock-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const planted = (number: number, content: string): void => writeFileSync(join(folder, `lock.${number}`), content);

  it("is held by one at a time, and free again after its release", () => {
    const lock = lockFolder(folder);
    expect(() => lockFolder(folder)).toThrow(FolderBusyError);
    lock.release();
    lockFolder(folder).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("passes on from a process that is dead", () => {
    planted(7, `999999999\nsome-boot/1\n${hostname()}\n`);
    const lock = lockFolder(folder);
    expect(readdirSync(folder)).toEqual(["lock.8"]);
    lock.release();
  });

  it("passes on from a dead process whose number a living one has now", () => {
    planted(1, `${process.pid}\nearlier-boot/1\n${hostname()}\n`);
    lockFolder(folder).release();
  });

  it("passes on from another host, whose processes cannot be seen", () => {
    planted(1, `${process.pid}\n\nelsewhere\n`);
    lockFolder(folder).release();
  });

  it("survives a lock file that a crash left empty", () => {
    planted(3, "");
    lockFolder(folder).release();
  });
});
