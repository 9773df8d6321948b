/** Callers who do not wait for a person: `Prefer: respond-async` (RFC 7240 section 4.1). */

import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { cloneDatabase, type TestDatabase } from "../support/database.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";
import { HeldArena, newMark } from "../support/held/arena.ts";
import { type Ask, asks } from "../support/held/asks.ts";
import { markOf, pendingIds, type Reviewing, reviewingAt } from "../support/held/reviewing.ts";

let arena: HeldArena;
let database: TestDatabase;
let gateway: TestGateway;
let client: Reviewing;
let key: string;

beforeAll(async () => {
  [arena, database] = await Promise.all([HeldArena.start({ callers: 2, expires: "60s" }), cloneDatabase(inject("postgres"))]);
  gateway = await startTestGateway({ configuration: arena.configuration, env: arena.env, database: database.address });
  client = reviewingAt(gateway.adminUrl, arena.reviewerKey);
  [key = ""] = arena.keys;
});
afterAll(async () => {
  await gateway.close();
  await Promise.all([database.drop(), arena.close()]);
});
afterEach(() => {
  arena.forwarded.length = 0;
});

const unwilling = { prefer: "respond-async" };
/** The approval of a request that waits. */
const approvalOf = async (mark: string): Promise<string> => {
  for (const id of await pendingIds(client)) if ((await markOf(client, id)) === mark) return id;
  throw new Error("nothing waits for this request");
};

const ask = (content: string, headers: Record<string, string> = unwilling): Promise<Response> =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
    body: JSON.stringify({ model: "gpt-4o", messages: [{ role: "user", content }] }),
  });

const statusAt = (url: string, credential = key): Promise<Response> =>
  fetch(`${gateway.url}${url}`, { headers: { authorization: `Bearer ${credential}` } });

describe.each(asks.map(({ kind, ask: send }): [string, Ask["ask"]] => [kind, send]))("a caller of %s who does not wait", (_kind, send) => {
  it("is answered at once, asks again while nobody has decided, and passes once with the yes", async () => {
    const mark = newMark();
    const asking = { url: gateway.url, key, headers: unwilling };
    expect(await send(mark, asking)).toBe("approval_pending");
    expect(await send(mark, asking)).toBe("approval_pending");
    expect(arena.forwarded).toEqual([]);
    await client.approveRequest({ id: await approvalOf(mark) });
    expect(await send(mark, { url: gateway.url, key })).toBe("passed");
    expect(arena.forwarded).toEqual([mark]);
    expect(await send(mark, asking)).toBe("approval_pending");
    await client.denyRequest({ id: await approvalOf(mark), reason: "once is enough" });
    expect(await send(mark, asking)).toBe("approval_denied");
    expect(await send(mark, { url: gateway.url, key })).toBe("approval_denied");
    expect(arena.forwarded).toEqual([mark]);
  });
});

describe("the answer to a caller who does not wait", () => {
  it("says that the preference was met, and where the approval is", async () => {
    const answer = await ask(newMark());
    expect(answer.status).toBe(202);
    expect(answer.headers.get("preference-applied")).toBe("respond-async");
    expect(answer.headers.get("retry-after")).toBe("5");
    expect(answer.headers.get("x-should-retry")).toBeNull();
    const body = (await answer.json()) as Record<string, string>;
    expect(body).toEqual({
      object: "approval",
      id: expect.stringMatching(/^apr_/),
      status: "pending",
      url: expect.any(String),
      expires_at: expect.any(String),
    });
    expect(answer.headers.get("location")).toBe(body.url);
    expect(body.url).toBe(`/.well-known/weir/approvals/${body.id}`);
    await client.denyRequest({ id: body.id ?? "", reason: "no" });
  });

  it("leads to the state of the approval, which is its caller's alone", async () => {
    const { id = "", url = "" } = (await (await ask(newMark())).json()) as Record<string, string>;
    expect(await (await statusAt(url)).json()).toMatchObject({ id, status: "pending" });
    expect((await statusAt(url, arena.keys[1])).status).toBe(404);
    expect((await statusAt(`${url}x`)).status).toBe(404);
    expect((await statusAt(url, "weir_nobody")).status).toBe(401);
    expect((await fetch(`${gateway.url}${url}`)).status).toBe(404);
    await client.denyRequest({ id, reason: "not without a ticket" });
    expect(await (await statusAt(url)).json()).toMatchObject({ id, status: "denied", reason: "not without a ticket" });
  });

  it("is not given where nothing waits", async () => {
    const mark = newMark();
    const first = await ask(mark);
    const { id = "" } = (await first.json()) as Record<string, string>;
    await client.approveRequest({ id });
    const second = await ask(mark);
    expect(second.status).toBe(200);
    expect(second.headers.get("preference-applied")).toBeNull();
  });
});
