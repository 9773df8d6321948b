import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { IdentityService } from "../../src/gen/weir/v1/identity_pb.ts";
import {
  type AttackedGateway,
  bearing,
  crawlerKey,
  expectClosed,
  httpDoor,
  reporterKey,
  startAttackedGateway,
} from "../support/attacked-gateway.ts";
import { sendRaw } from "../support/raw-client.ts";

let attacked: AttackedGateway;
let before = 0;

beforeAll(async () => {
  attacked = await startAttackedGateway();
});
afterAll(() => attacked.close());
beforeEach(() => {
  before = attacked.forwarded();
});

const open = httpDoor("open", () => `${attacked.gateway.url}/open/it`, { text: "hello" });

/** A POST with these header lines, over HTTP/1.1 as no client would write it. */
const raw = (port: number, path: string, lines: readonly string[], body = '{"text":"hello"}', type = "application/json") =>
  sendRaw(port, [
    `POST ${path} HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\n${lines.map((line) => `${line}\r\n`).join("")}\r\n${body}`,
  ]);

describe("two credentials", () => {
  it("are refused at every door, where either would do", async () => {
    const [mine, other] = [await attacked.corp.sign(), await attacked.corp.sign({ sub: "bob" })];
    for (const door of attacked.doors) {
      await expectClosed(door, { authorization: `Bearer ${mine}`, "x-api-key": other }, "credential_invalid");
      await expectClosed(door, { authorization: `Bearer ${mine}`, "api-key": reporterKey }, "credential_invalid");
    }
    expect(attacked.forwarded()).toBe(before);
  });

  it("in one header that is repeated are refused, whichever comes first", async () => {
    const token = await attacked.corp.sign();
    for (const lines of [
      [`authorization: Bearer ${token}`, "authorization: Bearer x"],
      ["authorization: Bearer x", `authorization: Bearer ${token}`],
      [`x-api-key: ${token}`, `X-Api-Key: ${token}`],
      [`authorization: Bearer ${token}, Bearer x`],
    ]) {
      const { status, body, head } = await raw(attacked.gateway.port, "/churn/predict", lines);
      expect([status, JSON.parse(body).code], lines.join()).toEqual([401, "credential_invalid"]);
      expect(head).toContain("x-should-retry: false");
    }
    expect(attacked.forwarded()).toBe(before);
  });

  it("in a repeated header are refused by the management API, which the HTTP library would tell nothing of the second", async () => {
    const port = Number(new URL(attacked.gateway.adminUrl).port);
    const admin = `authorization: Bearer ${await attacked.corp.sign({ groups: ["security"] })}`;
    const user = `authorization: Bearer ${await attacked.corp.sign()}`;
    const path = "/weir.v1.IdentityService/ListIdentities";
    expect((await raw(port, path, [admin], "{}")).status).toBe(200);
    for (const lines of [
      [admin, user],
      [user, admin],
      [admin, admin],
    ])
      expect((await raw(port, path, lines, "{}")).status).toBe(401);
  });

  it("in a repeated header are refused by the token endpoints", async () => {
    const basic = (name: string, key: string): string => `authorization: Basic ${Buffer.from(`${name}:${key}`).toString("base64")}`;
    const lines = [basic("reporter", reporterKey), basic("crawler", crawlerKey)];
    const answer = await raw(
      attacked.gateway.port,
      "/oauth/token",
      lines,
      "grant_type=client_credentials",
      "application/x-www-form-urlencoded",
    );
    expect([answer.status, JSON.parse(answer.body).error]).toEqual([400, "invalid_request"]);
  });
});

describe("an invalid credential", () => {
  it.each<[string, Record<string, string>]>([
    ["a made-up key", bearing("weir_0123456789abcdef")],
    ["a made-up token", bearing(`weirt_${"A".repeat(54)}`)],
    ["no token at all", { authorization: "Bearer " }],
    ["another scheme", { authorization: "Basic cm9vdDpyb290" }],
    ["a Negotiate", { authorization: "Negotiate abc" }],
    ["an empty key", { "x-api-key": "" }],
    ["a key with a space", { "api-key": "a b" }],
  ])("never becomes anonymous: %s", async (_what, headers) => {
    expect(await open.knock({})).toBeUndefined();
    await expectClosed(open, headers, "credential_invalid");
    expect(attacked.forwarded()).toBe(before + 1);
  });

  it("is not made up for by a cookie, a query or a header that proxies set", async () => {
    const token = await attacked.corp.sign();
    const [openai] = attacked.doors;
    if (openai === undefined) throw new Error("there is no door");
    for (const headers of [
      { cookie: `session=${token}; authorization=${token}` },
      { "proxy-authorization": `Bearer ${token}` },
      { "x-forwarded-user": "root", "x-forwarded-for": "127.0.0.1", "x-remote-user": "root", "x-auth-request-user": "root" },
      { "weir-identity": "root", "weir-subject": "root", "weir-groups": "security" },
      { "x-goog-api-key": token },
    ])
      await expectClosed(openai, headers, "credential_missing");
    const asked = httpDoor("query", () => `${attacked.gateway.url}/churn/predict?access_token=${token}&api_key=${token}&key=${token}`, {});
    await expectClosed(asked, {}, "credential_missing");
    expect(attacked.forwarded()).toBe(before);
  });
});

describe("what a caller shows", () => {
  it("does not reach the upstream, nor what says who somebody is to a proxy", async () => {
    const token = await attacked.corp.sign();
    const door = httpDoor(
      "REST",
      () => `${attacked.gateway.url}/churn/predict?api_key=${token}&page=2&Access_Token=${token}&%6bey=${token}`,
      {},
    );
    const headers = {
      ...bearing(token),
      cookie: `session=${token}`,
      "proxy-authorization": `Bearer ${token}`,
      "x-forwarded-for": "10.9.9.9",
      "x-forwarded-host": "elsewhere",
      "weir-connection": "churn",
      "weir-subject": "root",
      forwarded: "for=10.9.9.9",
    };
    expect(await door.knock(headers)).toBeUndefined();
    const sent = attacked.models.calls.at(-1);
    expect(sent?.url).toBe("/churn/predict?page=2");
    expect(JSON.stringify(sent?.headers)).not.toMatch(new RegExp(`${token}|10\\.9\\.9\\.9|elsewhere|weir-|forwarded`));
  });

  it("is not another's: a key of one service is no secret of another client", async () => {
    const tried = (name: string, secret: string): Promise<Response> =>
      fetch(`${attacked.gateway.url}/oauth/token`, {
        method: "POST",
        headers: { authorization: `Basic ${Buffer.from(`${name}:${secret}`).toString("base64")}` },
        body: new URLSearchParams({ grant_type: "client_credentials" }),
      });
    expect((await tried("reporter", reporterKey)).status).toBe(200);
    for (const [name, secret] of [
      ["reporter", crawlerKey],
      ["crawler", reporterKey],
      ["alice", await attacked.corp.sign()],
      ["", reporterKey],
      ["Reporter", reporterKey],
    ] as const)
      expect((await tried(name, secret)).status, name).toBe(401);
  });

  it("does not choose a connection twice, nor one that is not the caller's", async () => {
    const token = await attacked.corp.sign();
    const lines = [`authorization: Bearer ${token}`, "weir-connection: churn", "weir-connection: vault"];
    expect((await raw(attacked.gateway.port, "/predict", lines)).status).toBe(400);
    await expectClosed(
      httpDoor("vault", () => `${attacked.gateway.url}/churn/predict`, {}),
      { ...bearing(token), "weir-connection": "vault" },
      "target_unknown",
    );
    expect(attacked.forwarded()).toBe(before);
  });

  it("opens the management API over gRPC for nobody but those with the role", async () => {
    const listing = async (token: string | undefined): Promise<Code | undefined> => {
      const transport = createGrpcTransport({ baseUrl: attacked.gateway.adminUrl });
      const headers = token === undefined ? {} : bearing(token);
      try {
        await createClient(IdentityService, transport).listIdentities({}, { headers });
        return undefined;
      } catch (thrown) {
        return ConnectError.from(thrown).code;
      }
    };
    expect(await listing(undefined)).toBe(Code.Unauthenticated);
    expect(await listing("nonsense")).toBe(Code.Unauthenticated);
    expect(await listing(await attacked.corp.sign())).toBe(Code.PermissionDenied);
    expect(await listing(await attacked.partner.sign({ groups: ["security"] }))).toBe(Code.PermissionDenied);
    expect(await listing(await attacked.corp.sign({ groups: ["security"] }))).toBeUndefined();
  });
});
