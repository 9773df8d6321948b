import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { AuditService } from "../../src/gen/weir/v1/audit_pb.ts";
import { weirHere } from "../support/command-line.ts";
import { cloneDatabase, type TestDatabase } from "../support/database.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";
import { managing } from "../support/management.ts";

const key = `weir_${randomBytes(32).toString("hex")}`;

let database: TestDatabase;
let gateway: TestGateway;

/** A command at the prompt, signed in as the administrator. */
const weir = async (...args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await weirHere([...args, "--url", gateway.adminUrl, "--token", key]);
  if (code !== 0) throw new Error(stderr);
  return stdout;
};

const listed = async (...filter: readonly string[]): Promise<readonly { action: string; object: string }[]> =>
  JSON.parse(await weir("audit", "list", "-o", "json", ...filter));

beforeAll(async () => {
  database = await cloneDatabase(inject("postgres"));
  gateway = await startTestGateway({
    configuration: `
roles: { admin: [platform] }
identities: [{ name: root, kind: human, groups: [platform], apiKey: "\${env:ADMIN}" }]
`,
    env: { ADMIN: key },
    database: database.address,
  });
  await weir("identities", "disable", "corp/alice", "--reason", "left the company");
  await weir("identities", "disable", "corp/bob", "--reason", "left as well");
  await weir("identities", "enable", "corp/bob");
});
afterAll(async () => {
  await gateway.close();
  await database.drop();
});

describe("weir audit list", () => {
  it("tells what was changed, by whom and why, the newest first", async () => {
    expect(await listed()).toMatchObject([
      { id: expect.stringMatching(/^\d+$/), by: { issuer: "weir", name: "root" }, action: "identity.enable", object: "corp/bob" },
      { action: "identity.disable", object: "corp/bob", details: { reason: "left as well" } },
      { action: "identity.disable", object: "corp/alice", details: { reason: "left the company" } },
    ]);
    const [head, newest] = (await weir("audit", "list", "--limit", "1")).split("\n");
    expect(head?.split(/ {2,}/)).toEqual(["ID", "AT", "BY", "ACTION", "OBJECT", "DETAILS"]);
    expect(newest).toMatch(/root +identity\.enable +corp\/bob/);
  });

  it("tells only what it is asked for", async () => {
    expect((await listed("--object", "corp/bob")).map(({ action }) => action)).toEqual(["identity.enable", "identity.disable"]);
    expect((await listed("--action", "identity.disable")).map(({ object }) => object)).toEqual(["corp/bob", "corp/alice"]);
    expect(await listed("--by", "mallory")).toEqual([]);
    expect(await listed("--until", "2020-01-01T00:00:00Z")).toEqual([]);
    expect(await listed("--since", "2020-01-01T00:00:00Z")).toHaveLength(3);
  });

  it("is given in pages that leave nothing out, and takes no token of anybody else's", async () => {
    const client = managing(AuditService, { adminUrl: gateway.adminUrl, key, spoken: "grpc" });
    const found: string[] = [];
    let pageToken = "";
    do {
      const page = await client.listAuditEvents({ pageSize: 1, pageToken });
      found.push(...page.events.map(({ object }) => object));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    expect(found).toEqual(["corp/bob", "corp/bob", "corp/alice"]);
    await expect(client.listAuditEvents({ pageToken: "1; DROP TABLE weir.audit_events" })).rejects.toThrow("page_token is not one of ours");
  });
});
