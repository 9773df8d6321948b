import { createHash, createHmac, createPublicKey } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { base64url, exportPKCS8 } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { networkOf } from "../../../src/connections/index.ts";
import type { PresentedCredential } from "../../../src/envelope/call.ts";
import { GatewayError } from "../../../src/envelope/error.ts";
import { Directory, type IdentitySettings, type IssuerSettings } from "../../../src/identity/index.ts";
import { audience, signingKey, signToken, startIssuer, type TestIssuer, unknownExtension, usualClaims } from "../../support/issuer.ts";

const apiKey = "weir_0123456789abcdef0123456789abcdef";
const keyOwner = {
  name: "nightly-report",
  kind: "service" as const,
  groups: ["analysts"],
  apiKeyHash: createHash("sha256").update(apiKey).digest("hex"),
};
const anywhere = networkOf(() => true);

let corp: TestIssuer;
let partner: TestIssuer;
const open: Directory[] = [];

const settingsOf = (name: string, issuer: string, more: Partial<IssuerSettings> = {}): IssuerSettings => ({
  name,
  issuer,
  jwksUri: undefined,
  audience: [audience],
  algorithms: ["RS256", "ES256"],
  claims: { subject: "sub", groups: "groups", email: "email" },
  groups: ["analysts"],
  maxTokenAge: 3_600_000,
  conditions: [],
  kinds: [],
  ...more,
});

const directory = (settings: Partial<IdentitySettings>, network = anywhere, failures: string[] = []): Directory => {
  const made = new Directory({
    settings: { issuers: [], identities: [keyOwner], ...settings },
    network,
    keysFailed: (issuer, reason) => failures.push(`${issuer}: ${reason}`),
  });
  open.push(made);
  return made;
};

const listening = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const bearer = (value: string): { credentials: readonly PresentedCredential[] } => ({ credentials: [{ source: "authorization", value }] });

const refusal = async (made: Directory, token: string): Promise<GatewayError> => {
  const outcome = await made.identify(bearer(token)).then(
    (principal) => principal,
    (thrown: unknown) => thrown,
  );
  expect(outcome).toBeInstanceOf(GatewayError);
  expect(outcome).toMatchObject({ reason: "credential_invalid" });
  const error = outcome as GatewayError;
  const told = [error.message, error.note, error.stack, JSON.stringify(error.cause ?? null)].join("\n");
  for (const part of token.split(".").filter((each) => each.length > 8)) expect(told).not.toContain(part);
  expect(told).not.toContain("alice");
  return error;
};

beforeAll(async () => {
  [corp, partner] = await Promise.all([startIssuer(), startIssuer(["analysts", "guests"])]);
});
afterAll(() => Promise.all([corp.away(), partner.away()]));
afterEach(() => Promise.all(open.splice(0).map((each) => each.close())));

describe("a caller without a credential", () => {
  it("is the identity anonymous, which has no groups", async () => {
    expect(await directory({}).identify({ credentials: [] })).toMatchObject({ kind: "anonymous", name: "anonymous", groups: [] });
  });
});

describe("an API key", () => {
  it("names its identity, wherever the client put it", async () => {
    const made = directory({});
    for (const source of ["authorization", "api-key", "x-api-key"] as const) {
      expect(await made.identify({ credentials: [{ source, value: apiKey }] })).toEqual({
        kind: "service",
        issuer: "weir",
        subject: "nightly-report",
        name: "nightly-report",
        email: undefined,
        groups: ["analysts"],
      });
    }
  });

  it("that is not known is refused and never becomes anonymous", async () => {
    for (const value of [`${apiKey}0`, apiKey.slice(0, -1), apiKey.toUpperCase(), keyOwner.apiKeyHash, "weirt_short", "x".repeat(20_000)]) {
      await refusal(directory({}), value);
    }
  });

  it.each(["repeated", "unreadable"] as const)("that is %s is refused, and never anonymous, alone or beside a good one", async (fault) => {
    const bad = { source: "x-api-key", value: "", fault } as const;
    for (const credentials of [[bad], [...bearer(apiKey).credentials, bad], [bad, bad]]) {
      await expect(directory({}).identify({ credentials })).rejects.toMatchObject({ reason: "credential_invalid" });
    }
  });

  it("beside a third, different one is refused", async () => {
    const same = { source: "api-key" as const, value: apiKey };
    const credentials = [...bearer(apiKey).credentials, same];
    expect(await directory({}).identify({ credentials })).toMatchObject({ kind: "service" });
    const three = [...credentials, { source: "x-api-key" as const, value: "weir_another" }];
    await expect(directory({}).identify({ credentials: three })).rejects.toMatchObject({ reason: "credential_invalid" });
  });

  it("beside another credential is refused", async () => {
    const both = [...bearer(apiKey).credentials, { source: "api-key" as const, value: "weir_another" }];
    await expect(directory({}).identify({ credentials: both })).rejects.toMatchObject({ reason: "credential_invalid" });
  });

  it("is not what a client certificate says, which is nobody's and counts as none", async () => {
    const certificate = { source: "certificate" as const, value: apiKey };
    expect(await directory({}).identify({ credentials: [certificate] })).toMatchObject({ kind: "anonymous" });
    expect(await directory({}).identify({ credentials: [...bearer(apiKey).credentials, certificate] })).toMatchObject({ kind: "service" });
    const unknown = [{ source: "api-key" as const, value: "weir_another" }, certificate];
    await expect(directory({}).identify({ credentials: unknown })).rejects.toMatchObject({ reason: "credential_invalid" });
  });
});

describe("a token of a configured issuer", () => {
  it("that the provider itself gave names the client", async () => {
    const made = directory({ issuers: [settingsOf("corp", corp.url)] });
    expect(await made.identify(bearer(await corp.token("reporter")))).toEqual({
      kind: "service",
      issuer: "corp",
      subject: "reporter",
      name: "reporter",
      email: undefined,
      groups: ["analysts"],
    });
  });

  it("is verified once and then known by its hash", async () => {
    const made = directory({ issuers: [settingsOf("corp", corp.url)] });
    const token = await corp.sign({ email: "alice@example.com" });
    const first = await made.identify(bearer(token));
    expect(first).toMatchObject({ kind: "human", name: "alice", email: "alice@example.com" });
    expect(await made.identify(bearer(token))).toBe(first);
  });

  it("may use other claims for subject, groups and e-mail, nested ones too", async () => {
    const claims = { subject: "upn", groups: "realm_access.roles", email: "https://example.com/mail" };
    const made = directory({ issuers: [settingsOf("corp", corp.url, { claims })] });
    const token = await corp.sign({
      upn: "a.lice",
      realm_access: { roles: ["analysts", "x"] },
      "https://example.com/mail": "a@example.com",
    });
    expect(await made.identify(bearer(token))).toMatchObject({ subject: "a.lice", groups: ["analysts", "corp/x"], email: "a@example.com" });
  });

  it("has no e-mail address that the issuer calls unverified", async () => {
    const made = directory({ issuers: [settingsOf("corp", corp.url)] });
    const token = await corp.sign({ email: "ceo@example.com", email_verified: false });
    expect((await made.identify(bearer(token))).email).toBeUndefined();
  });

  it("of a second issuer asserts only its own groups under their bare name", async () => {
    const made = directory({ issuers: [settingsOf("corp", corp.url), settingsOf("partner", partner.url, { groups: ["guests"] })] });
    const { groups, issuer } = await made.identify(bearer(await partner.sign({ groups: ["analysts", "guests", "corp/analysts"] })));
    expect({ groups, issuer }).toEqual({ issuer: "partner", groups: ["partner/analysts", "guests", "partner/corp/analysts"] });
  });

  it("cannot take the name of a configured identity or of anonymous", async () => {
    const made = directory({ issuers: [settingsOf("corp", corp.url)] });
    for (const sub of ["nightly-report", "anonymous"]) {
      expect((await made.identify(bearer(await corp.sign({ sub })))).name).toBe(`corp/${sub}`);
    }
  });

  it("means what new settings say as soon as they are there", async () => {
    const made = directory({ issuers: [settingsOf("corp", corp.url)] });
    const token = await corp.sign();
    expect((await made.identify(bearer(token))).groups).toEqual(["analysts"]);
    made.update({ issuers: [settingsOf("corp", corp.url, { groups: [] })], identities: [] });
    expect((await made.identify(bearer(token))).groups).toEqual(["corp/analysts"]);
    made.update({ issuers: [], identities: [] });
    await refusal(made, token);
  });
});

describe("a token is refused", () => {
  const now = Math.floor(Date.now() / 1_000);
  const cases: readonly [string, (made: TestIssuer) => Promise<string>][] = [
    ["when it has expired", (issuer) => issuer.sign({ iat: now - 600, exp: now - 60 })],
    ["when it never expires", (issuer) => issuer.sign({ exp: undefined })],
    ["when it does not say when it was issued", (issuer) => issuer.sign({ iat: undefined })],
    ["when it is not valid yet", (issuer) => issuer.sign({ nbf: now + 120 })],
    ["when it was issued in the future", (issuer) => issuer.sign({ iat: now + 120 })],
    ["when it is older than its issuer allows", (issuer) => issuer.sign({ iat: now - 7_200, exp: now + 600 })],
    ["when it is meant for another audience", (issuer) => issuer.sign({ aud: ["somebody-else"] })],
    ["when it has no audience", (issuer) => issuer.sign({ aud: undefined })],
    ["when its issuer is not configured", (issuer) => issuer.sign({ iss: "https://elsewhere.example" })],
    ["when its issuer differs by a slash", (issuer) => issuer.sign({ iss: `${issuer.url}/` })],
    ["when it has no issuer", (issuer) => issuer.sign({ iss: undefined })],
    ["when it has no subject", (issuer) => issuer.sign({ sub: undefined })],
    ["when its subject is not a text", (issuer) => issuer.sign({ sub: 7 })],
    ["when it is a logout token", (issuer) => issuer.sign({}, { typ: "logout+jwt" })],
    ["when it is bound to a key that was not shown", (issuer) => issuer.sign({ cnf: { jkt: "thumbprint" } })],
    ["when its groups were left out for being too many", (issuer) => issuer.sign({ groups: undefined, _claim_names: { groups: "src1" } })],
    ["when its groups are no names", (issuer) => issuer.sign({ groups: [{ admin: true }] })],
    ["when it demands an extension we do not know", (issuer) => issuer.sign({}, { crit: [unknownExtension], [unknownExtension]: 1 })],
    ["when another key signed it under the same id", async (issuer) => signToken(await signingKey("first"), usualClaims(issuer.url))],
    [
      "when it brings its own key",
      async (issuer) => {
        const own = await signingKey("own");
        const { kty, n, e } = own.privateJwk;
        return signToken(own, usualClaims(issuer.url), { jwk: { kty, n, e }, jku: `${issuer.url}/jwks` });
      },
    ],
    [
      "when its algorithm is none",
      async (issuer) => {
        const part = (value: unknown): string => base64url.encode(JSON.stringify(value));
        return `${part({ alg: "none" })}.${part(usualClaims(issuer.url))}.`;
      },
    ],
    [
      "when it is signed with the public key as a shared secret",
      async (issuer) => {
        const head = base64url.encode(JSON.stringify({ alg: "HS256", kid: "first" }));
        const body = base64url.encode(JSON.stringify(usualClaims(issuer.url)));
        const secret = createPublicKey(await exportPKCS8(issuer.key.privateKey)).export({ type: "spki", format: "pem" });
        return `${head}.${body}.${createHmac("sha256", secret).update(`${head}.${body}`).digest("base64url")}`;
      },
    ],
    [
      "when one character of its signature differs",
      async (issuer) => {
        const token = await issuer.sign();
        const at = token.lastIndexOf(".") + 10;
        return token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1);
      },
    ],
    ["when it is cut short", async (issuer) => (await issuer.sign()).slice(0, -40)],
    ["when it is no token at all", async () => "a.b.c"],
  ];

  it.each(cases)("%s", async (_, token) => {
    await refusal(directory({ issuers: [settingsOf("corp", corp.url)] }), await token(corp));
  });

  it("when it has expired, with words that say so", async () => {
    const error = await refusal(directory({ issuers: [settingsOf("corp", corp.url)] }), await corp.sign({ iat: now - 600, exp: now - 60 }));
    expect(error.message).toBe("The credential has expired.");
  });
});

describe("the keys of an issuer", () => {
  it("are kept while the issuer is away", async () => {
    const issuer = await startIssuer();
    const settings = { issuers: [settingsOf("corp", issuer.url)] };
    const made = directory(settings);
    await made.identify(bearer(await issuer.sign()));
    await issuer.away();
    expect(await made.identify(bearer(await issuer.sign({ sub: "bob" })))).toMatchObject({ subject: "bob" });
    made.update({ ...settings, identities: [] });
    expect(await made.identify(bearer(await issuer.sign({ sub: "carol" })))).toMatchObject({ subject: "carol" });
  });

  it("are asked for once, however many tokens with made-up key ids arrive", async () => {
    const issuer = await startIssuer();
    const made = directory({ issuers: [settingsOf("corp", issuer.url)] });
    await made.identify(bearer(await issuer.sign()));
    const before = issuer.requests.length;
    const flood = await Promise.all(Array.from({ length: 200 }, (_, index) => issuer.sign({}, { kid: `made-up-${index}` })));
    await Promise.all(flood.map((token) => refusal(made, token)));
    expect(issuer.requests.length - before).toBeLessThanOrEqual(2);
    expect(await made.identify(bearer(await issuer.sign({ sub: "bob" })))).toMatchObject({ subject: "bob" });
    await issuer.away();
  });

  it("are asked for again when a new key id appears, at most once per cool-down", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const [old, fresh] = [await signingKey("old"), await signingKey("new", "ES256")];
    let served = [old];
    let asked = 0;
    const server = createServer((_request, response) => {
      asked += 1;
      response.end(JSON.stringify({ keys: served.map(({ privateJwk: { d, p, q, dp, dq, qi, ...open } }) => open) }));
    });
    const url = await listening(server);
    const made = directory({ issuers: [settingsOf("corp", url, { jwksUri: `${url}/keys` })] });
    expect(await made.identify(bearer(await signToken(old, usualClaims(url))))).toMatchObject({ subject: "alice" });
    served = [old, fresh];
    await refusal(made, await signToken(fresh, usualClaims(url)));
    expect(asked).toBe(1);
    vi.setSystemTime(Date.now() + 20_000);
    expect(await made.identify(bearer(await signToken(fresh, usualClaims(url))))).toMatchObject({ subject: "alice" });
    expect(asked).toBe(2);
    server.close();
    vi.useRealTimers();
  });

  it("are not there yet when the issuer was never reached: the token is refused, and the failure told without the token", async () => {
    const issuer = await startIssuer();
    const token = await issuer.sign();
    await issuer.away();
    const failures: string[] = [];
    const made = directory({ issuers: [settingsOf("corp", issuer.url)] }, anywhere, failures);
    await refusal(made, token);
    expect(failures[0]).toBe("corp: ECONNREFUSED");
  });

  it("are not fetched from an address that egress forbids, by number or by name", async () => {
    const failures: string[] = [];
    const closed = networkOf(() => false);
    const byName = corp.url.replace("127.0.0.1", "localhost");
    const before = corp.requests.length;
    await refusal(directory({ issuers: [settingsOf("corp", corp.url)] }, closed, failures), await corp.sign());
    await refusal(directory({ issuers: [settingsOf("corp", byName)] }, closed, failures), await corp.sign({ iss: byName }));
    expect(failures).toEqual(["corp: EGRESS_FORBIDDEN", "corp: EGRESS_FORBIDDEN"]);
    expect(corp.requests.length).toBe(before);
  });

  it.each([
    ["a redirect", 302, ""],
    ["a page", 200, "<html></html>"],
    ["more than half a megabyte", 200, JSON.stringify({ keys: [], filler: "x".repeat(600_000) })],
    [
      "another issuer's discovery document",
      200,
      JSON.stringify({ issuer: "https://elsewhere.example", jwks_uri: "https://elsewhere.example/jwks" }),
    ],
    ["a key set where discovery is expected", 200, JSON.stringify({ keys: [] })],
  ])("are not taken from %s", async (_, status, body) => {
    const server = createServer((_request, response) => response.writeHead(status, { location: `${corp.url}/jwks` }).end(body));
    const url = await listening(server);
    await refusal(directory({ issuers: [settingsOf("corp", url)] }), await corp.sign({ iss: url }));
    server.close();
    server.closeAllConnections();
  });

  it("are not fetched over plain HTTP from another machine", async () => {
    const failures: string[] = [];
    const url = "http://id.example.com";
    await refusal(directory({ issuers: [settingsOf("corp", url)] }, anywhere, failures), await corp.sign({ iss: url }));
    expect(failures).toEqual(["corp: the address is not https"]);
  });
});
