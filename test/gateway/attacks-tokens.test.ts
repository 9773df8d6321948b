import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportSPKI, importJWK, type JWK, type JWTPayload, SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type AttackedGateway, bearing, expectClosed, httpDoor, startAttackedGateway } from "../support/attacked-gateway.ts";
import { signingKey, signToken, usualClaims } from "../support/issuer.ts";

let attacked: AttackedGateway;
let before = 0;
/** What asks at the address that a token names as the place of its key. */
let lured = 0;
const trap = createServer((_request, response) => {
  lured += 1;
  response.end("{}");
});

beforeAll(async () => {
  await new Promise<void>((resolve) => trap.listen(0, "127.0.0.1", resolve));
  attacked = await startAttackedGateway();
});
afterAll(async () => {
  trap.close();
  await attacked.close();
});
beforeEach(() => {
  before = attacked.forwarded();
});

const trapUrl = (): string => `http://127.0.0.1:${(trap.address() as AddressInfo).port}/keys`;
const seconds = (): number => Math.floor(Date.now() / 1_000);
const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const claims = (): JWTPayload => usualClaims(attacked.corp.url);

const publicJwk = ({ kty, n, e, kid, alg }: JWK): JWK => ({ kty, n, e, kid, alg }) as JWK;
const publicPem = async (): Promise<string> => {
  const key = await importJWK(publicJwk(attacked.corp.key.privateJwk), "RS256");
  return key instanceof Uint8Array ? "" : exportSPKI(key);
};

const unsigned = (alg: string): string => `${base64url({ alg, typ: "JWT" })}.${base64url(claims())}.`;
const hmac = (secret: Uint8Array): Promise<string> =>
  new SignJWT(claims()).setProtectedHeader({ alg: "HS256", kid: attacked.corp.key.kid }).sign(secret);

/** Signed by nobody whom the gateway knows, with a header that says where to find the key. */
const selfSigned = async (header: (jwk: JWK) => Record<string, unknown>): Promise<string> => {
  const mine = await signingKey("mine");
  return signToken(mine, claims(), { kid: attacked.corp.key.kid, ...header(publicJwk(mine.privateJwk)) });
};

const forgeries: readonly [string, () => Promise<string> | string][] = [
  ["has expired", () => attacked.corp.sign({ exp: seconds() - 60, iat: seconds() - 120 })],
  ["is not valid yet", () => attacked.corp.sign({ nbf: seconds() + 120 })],
  ["was issued in the future", () => attacked.corp.sign({ iat: seconds() + 120, exp: seconds() + 300 })],
  ["never ends", () => attacked.corp.sign({ exp: undefined })],
  ["is too old, whatever its end", () => attacked.corp.sign({ iat: seconds() - 7_200, exp: seconds() + 7_200 })],
  ["was meant for somebody else", () => attacked.corp.sign({ aud: "another" })],
  ["was meant for nobody", () => attacked.corp.sign({ aud: undefined })],
  ["names an issuer that is not configured", () => attacked.corp.sign({ iss: "https://evil.example" })],
  ["names its issuer almost", () => attacked.corp.sign({ iss: `${attacked.corp.url}/` })],
  ["names its issuer in a list", () => attacked.corp.sign({ iss: [attacked.corp.url] })],
  ["is not signed", () => unsigned("none")],
  ["is not signed, in other letters", () => unsigned("nOnE")],
  ["is signed with HS256 and the issuer's public key", async () => hmac(Buffer.from(await publicPem()))],
  ["is signed with HS256 and the modulus", () => hmac(Buffer.from(attacked.corp.key.privateJwk.n ?? "", "base64url"))],
  [
    "is signed with HS256 and the key as its document has it",
    () => hmac(Buffer.from(JSON.stringify(publicJwk(attacked.corp.key.privateJwk)))),
  ],
  ["brings its key along", () => selfSigned((jwk) => ({ jwk }))],
  ["says where its keys are", () => selfSigned(() => ({ jku: trapUrl() }))],
  ["says where its certificate is", () => selfSigned(() => ({ x5u: trapUrl() }))],
  ["names a file as its key", () => selfSigned(() => ({ kid: "../../../../dev/null" }))],
  ["is signed with another issuer's key", () => signToken(attacked.partner.key, claims(), { kid: attacked.corp.key.kid })],
  [
    "carries another issuer's signature",
    async () => {
      const [head, body] = (await attacked.corp.sign()).split(".");
      const [, , signature] = (await attacked.partner.sign()).split(".");
      return [head, body, signature].join(".");
    },
  ],
  [
    "was given another subject after it was signed",
    async () => {
      const [head, , signature] = (await attacked.corp.sign()).split(".");
      return [head, base64url({ ...claims(), sub: "root", groups: ["security"] }), signature].join(".");
    },
  ],
  ["is another kind of token", () => attacked.corp.sign({}, { typ: "logout+jwt" })],
  ["is bound to a key that is not shown", () => attacked.corp.sign({ cnf: { jkt: "x" } })],
  ["has an extension that must be understood", () => attacked.corp.sign({}, { crit: ["x-unknown"], "x-unknown": 1 })],
  ["has no subject", () => attacked.corp.sign({ sub: "" })],
  ["has a subject that is a list", () => attacked.corp.sign({ sub: ["alice"] })],
  ["leaves its groups out", () => attacked.corp.sign({ _claim_names: { groups: "src1" }, groups: undefined })],
  ["has groups in groups", () => attacked.corp.sign({ groups: [["analysts"]] })],
  ["has a number for a group", () => attacked.corp.sign({ groups: ["analysts", 7] })],
  ["has an object for groups", () => attacked.corp.sign({ groups: { analysts: true } })],
  ["fails a condition that costs a backtracking engine seconds", () => attacked.partner.sign({ hostile: `${"a".repeat(4_000)}b` })],
  ["makes a condition meet another type", () => attacked.partner.sign({ hostile: { deep: 1 } })],
];

describe("a token that", () => {
  it("is in order opens every door", async () => {
    const headers = bearing(await attacked.corp.sign());
    for (const door of attacked.doors) expect(await door.knock(headers), door.name).toBeUndefined();
    expect(attacked.forwarded()).toBe(before + attacked.doors.length);
  });

  it.each(forgeries)("%s opens none, and nothing is forwarded", async (_what, forge) => {
    const headers = bearing(await forge());
    for (const door of attacked.doors) await expectClosed(door, headers, "credential_invalid");
    expect(attacked.forwarded()).toBe(before);
    expect(lured).toBe(0);
  });
});

it("a token larger than any would be opens none either", async () => {
  const headers = bearing(`${"A".repeat(9_000)}.${"B".repeat(9_000)}.C`);
  for (const door of attacked.doors) expect(await door.knock(headers), door.name).toBeDefined();
  expect(attacked.forwarded()).toBe(before);
});

describe("an issuer", () => {
  it("is not asked again for each of a flood of keys that it does not have", async () => {
    const asked = attacked.corp.requests.length;
    const mine = await signingKey("mine");
    const flood = Array.from({ length: 200 }, (_, index) => signToken(mine, claims(), { kid: `made-up-${index}` }));
    const [openai] = attacked.doors;
    const ends = await Promise.all((await Promise.all(flood)).map((token) => openai?.knock(bearing(token))));
    expect(new Set(ends.map((end) => end?.reason))).toEqual(new Set(["credential_invalid"]));
    // Discovery and the keys, once at most.
    expect(attacked.corp.requests.length - asked).toBeLessThanOrEqual(2);
    expect(attacked.forwarded()).toBe(before);
  });

  const vault = httpDoor("vault", () => `${attacked.gateway.url}/vault/open`, { text: "hello" });
  const reports = httpDoor("reports", () => `${attacked.gateway.url}/reports/all`, { text: "hello" });

  it("may speak of a group where it is configured to", async () => {
    expect(await vault.knock(bearing(await attacked.corp.sign({ groups: ["security"] })))).toBeUndefined();
  });

  it.each([
    ["the group of another issuer", ["security"]],
    ["the group of another issuer by its full name", ["corp/security", "/security", "../security", "partner/../security"]],
    ["a group that looks like it", ["sеcurity", "security ", "security\u200b", "SECURITY", "ｓecurity", "security\0"]],
  ])("that may not asserts %s in vain", async (_what, groups) => {
    await expectClosed(vault, bearing(await attacked.partner.sign({ groups })), "target_unknown");
    expect(attacked.forwarded()).toBe(before);
  });

  it("cannot make somebody out to be a configured identity, nor anonymous, nor another issuer's person", async () => {
    const open = httpDoor("open", () => `${attacked.gateway.url}/open/it`, { text: "hello" });
    for (const sub of ["reporter", "weir/reporter", "corp/reporter"])
      await expectClosed(reports, bearing(await attacked.partner.sign({ sub })), "target_unknown");
    for (const sub of ["anonymous", "weir/anonymous"])
      await expectClosed(open, bearing(await attacked.partner.sign({ sub, groups: [] })), "target_unknown");
    expect(attacked.forwarded()).toBe(before);
  });

  it("that asserts a role, a scope or a kind asserts nothing", async () => {
    const token = await attacked.partner.sign({ roles: ["admin"], role: "admin", scope: "connection:vault", kind: "human", admin: true });
    await expectClosed(vault, bearing(token), "target_unknown");
    const listed = await fetch(`${attacked.gateway.adminUrl}/weir.v1.IdentityService/ListIdentities`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: "{}",
    });
    expect(listed.status).toBe(403);
  });
});
