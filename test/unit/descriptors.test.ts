import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ConfigError } from "../../src/config/index.ts";
import { checkDescriptors } from "../../src/descriptors.ts";
import { parsed } from "../support/configuration.ts";

describe("descriptors are loaded before their connections are in force", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "weir-descriptors-"));
    writeFileSync(
      join(folder, "sound.proto"),
      'syntax = "proto3"; package a; message M { string text = 1; } service S { rpc Say(M) returns (M); }',
    );
    writeFileSync(join(folder, "broken.proto"), "message {");
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const checked = (written: string): Promise<void> =>
    checkDescriptors(
      parsed(
        `connections:\n  - name: c\n    protocol: grpc\n    upstream: https://a.example\n    descriptors: ${written.replaceAll("FOLDER", folder)}\n`,
      ),
    );

  it.each(["{ builtin: triton }", "{ builtin: tfserving }", "{ proto: [FOLDER/sound.proto], join: [a.M.text] }", "reflection"])(
    "%s",
    async (written) => {
      await expect(checked(written)).resolves.toBeUndefined();
    },
  );

  it.each([
    ["{ file: FOLDER/none.binpb }", "ENOENT"],
    ["{ file: FOLDER/broken.proto }", "the descriptors cannot be had"],
    ["{ proto: [FOLDER/broken.proto] }", "the descriptors cannot be had"],
    ["{ proto: [FOLDER/sound.proto], join: [a.M.nothing] }", "descriptors.join names a.M.nothing, which no descriptor has"],
  ])("what cannot be had is told at its place: %s", async (written, message) => {
    const failure = await checked(written).catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(ConfigError);
    expect(failure).toMatchObject({ message: expect.stringMatching(/^weir\.yaml:6:18: /) });
    expect(failure).toMatchObject({ message: expect.stringContaining(message) });
  });

  it.each([
    ["a.S/Say", "mask: { response: [credentials] }", true],
    ["a.S/Sing", "mask: { response: [credentials] }", false],
    ["a.S/Sing", "limits: { promptTokens: 5 }", false],
    ["a.S/Sing", "mask: { response: [credentials], onUnmaskable: pass }", true],
    ["a.S/Sing", "record: { request: masked }", true],
    ["chat.completions", "mask: { response: [credentials] }", true],
  ])("a policy that names %s with %s may: %s", async (operation, demand, may) => {
    const connections = `connections:\n  - { name: c, protocol: grpc, upstream: "https://a.example", descriptors: { proto: [${folder}/sound.proto] } }\n`;
    const policies = `policies:\n  - { name: p, effect: allow, match: { operations: [${operation}] }, ${demand} }\n`;
    const refused = await checkDescriptors(parsed(connections + policies)).catch((thrown: unknown) => thrown);
    if (may) expect(refused).toBeUndefined();
    else
      expect(refused).toMatchObject({
        message: expect.stringMatching(/^weir\.yaml:5:\d+: no connection that the policy reaches has descriptors/),
      });
  });
});
