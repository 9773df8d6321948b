import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { networkOf } from "../../../src/connections/index.ts";
import { type DevelopmentFolder, FolderUnusable, isDevelopmentFolder, openDevelopmentFolder } from "../../../src/dev/folder.ts";
import { type DevelopmentIssuer, developmentAudience, startDevelopmentIssuer } from "../../../src/dev/issuer.ts";
import { Directory } from "../../../src/identity/index.ts";

let root: string;
let folder: DevelopmentFolder;
let issuer: DevelopmentIssuer;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "weir dev "));
  folder = await openDevelopmentFolder(join(root, ".weir"));
  issuer = await startDevelopmentIssuer(folder.secrets);
});
afterAll(async () => {
  await issuer.close();
  rmSync(root, { recursive: true });
});

const tokenAnswer = (form: Record<string, string>): Promise<Response> =>
  fetch(`${issuer.url}/token`, { method: "POST", body: new URLSearchParams({ grant_type: "client_credentials", ...form }) });

describe("the development folder", () => {
  it("keeps its secrets from one start to the next, readable by their owner only", async () => {
    expect((await openDevelopmentFolder(folder.path)).secrets).toEqual(folder.secrets);
    expect(statSync(join(folder.path, "development.json")).mode & 0o077).toBe(0);
  });

  it("has secrets of its own", async () => {
    const other = await openDevelopmentFolder(join(root, "other"));
    expect(other.secrets.apiKey).not.toBe(folder.secrets.apiKey);
    expect(other.secrets.signingKey.d).not.toBe(folder.secrets.signingKey.d);
  });

  it("is known as one, and whatever lies in it", () => {
    expect(isDevelopmentFolder(folder.path)).toBe(true);
    expect(isDevelopmentFolder(join(folder.dataDir, "postgres"))).toBe(true);
    expect(isDevelopmentFolder(root)).toBe(false);
  });

  it("that somebody damaged says what to do", async () => {
    const damaged = await openDevelopmentFolder(join(root, "damaged"));
    const file = join(damaged.path, "development.json");
    writeFileSync(file, readFileSync(file, "utf8").slice(0, 40));
    await expect(openDevelopmentFolder(damaged.path)).rejects.toThrow(FolderUnusable);
  });
});

describe("the development issuer", () => {
  it("gives a token that identity takes, with the person's groups", async () => {
    const { access_token: token } = (await (await tokenAnswer({ client_id: "alice", client_secret: folder.secrets.apiKey })).json()) as {
      access_token: string;
    };
    const settings = {
      name: "development",
      issuer: issuer.url,
      jwksUri: undefined,
      audience: [developmentAudience],
      algorithms: ["ES256"],
      claims: { subject: "sub", groups: "groups", email: "email" },
      groups: ["developers"],
      maxTokenAge: 3_600_000,
      conditions: [],
      kinds: [],
    };
    const directory = new Directory({ settings: { issuers: [settings], identities: [] }, network: networkOf(() => true) });
    expect(await directory.identify({ credentials: [{ source: "authorization", value: token }] })).toMatchObject({
      kind: "human",
      issuer: "development",
      subject: "alice",
      groups: ["developers"],
    });
    await directory.close();
  });

  it.each([
    ["without the folder's key", { client_id: "alice", client_secret: "guess" }, 401],
    ["to people who are not there", { client_id: "root", client_secret: "" }, 400],
    ["to names of JavaScript's own", { client_id: "constructor", client_secret: "" }, 400],
    ["for another grant", { grant_type: "password", client_id: "alice", client_secret: "" }, 400],
    ["for a form too long to read", { client_id: "alice", client_secret: "x".repeat(100_000) }, 400],
  ])("gives no token %s", async (_, form, status) => {
    expect((await tokenAnswer(form)).status).toBe(status);
  });

  it("answers nobody who calls it by another name", async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const asked = request(`${issuer.url}/jwks`, { headers: { host: `rebound.example:${new URL(issuer.url).port}` } });
      asked.once("response", (answer) => resolve(answer.resume().statusCode)).once("error", reject);
      asked.end();
    });
    expect(status).toBe(421);
  });

  it("shows no private key", async () => {
    expect(await (await fetch(`${issuer.url}/jwks`)).text()).not.toContain(folder.secrets.signingKey.d);
  });
});
