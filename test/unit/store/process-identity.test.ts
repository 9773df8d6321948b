import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { startOf } from "../../../src/store/process-identity.ts";

it.runIf(process.platform === "linux")("a process that was killed and that nobody waits for has ended", async () => {
  // The shell becomes a program that waits for no child.
  const parent = spawn("sh", ["-c", "sleep 600 & echo $!; exec sleep 600"], { stdio: ["ignore", "pipe", "ignore"] });
  const [line] = (await once(createInterface({ input: parent.stdout }), "line")) as [string];
  const child = Number(line);
  expect(startOf(child)).toBeDefined();
  process.kill(child, "SIGKILL");
  while (startOf(child) !== undefined) await sleep(10);
  process.kill(child, 0); // throws if there is no such process: it is still there, as a zombie
  parent.kill("SIGKILL");
});
