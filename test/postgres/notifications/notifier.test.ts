import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { networkOf } from "../../../src/connections/index.ts";
import { type NotificationEvent, Notifier, type TargetSettings } from "../../../src/notifications/index.ts";
import { openPool, type Pool } from "../../../src/store/index.ts";
import { cloneDatabase, silentLog, type TestDatabase } from "../../support/database.ts";

const secret = `whsec_${Buffer.alloc(24, 5).toString("base64")}`;

interface Received {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

const received: Received[] = [];
/** Statuses that the next requests are answered with; 204 once there are none left. */
const statuses: number[] = [];
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  received.push({ path: request.url ?? "", headers: request.headers, body: Buffer.concat(chunks).toString() });
  response.writeHead(statuses.shift() ?? 204, { location: "/elsewhere" }).end();
});

let database: TestDatabase;
let pool: Pool;
const started: Notifier[] = [];

const sealed = (value: string) => ({ reveal: () => value });
const address = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const target = (rest: Partial<TargetSettings> = {}): TargetSettings => ({
  name: "security",
  kind: "webhook",
  url: sealed(`${address()}/hook?token=of-the-address`),
  secret: sealed(secret),
  events: ["approval.opened", "access.changed"],
  ...rest,
});

const start = (targets: readonly TargetSettings[], allows: (address: string) => boolean = () => true): Notifier => {
  const notifier = new Notifier({ pool, network: networkOf(allows), log: silentLog, targets, lookMs: 50 });
  started.push(notifier);
  return notifier;
};

const event: NotificationEvent = { type: "approval.opened", sentence: "alice waits for a yes.", data: { approval: "apr_1" } };

beforeAll(async () => {
  database = await cloneDatabase(inject("postgres"));
  pool = openPool({ address: database.address, role: "weir_access", log: silentLog });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  for (const each of started.splice(0)) await each.stop();
  await database.query("DELETE FROM weir.outbox");
  received.length = 0;
  statuses.length = 0;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await pool.end();
  await database.drop();
});

const dueNow = (): Promise<unknown> => database.query("UPDATE weir.outbox SET next_try = now()");
const left = async (): Promise<number> => (await database.query("SELECT 1 FROM weir.outbox")).rowCount ?? 0;

describe("a notification", () => {
  it("is signed so that a receiver's own library accepts it, and nothing else", async () => {
    start([target()]).tell(event);
    await expect.poll(() => received.length).toBe(1);
    const [{ body, headers, path } = { body: "", headers: {}, path: "" }] = received;
    const verified = new Webhook(secret).verify(body, headers as Record<string, string>);
    expect(verified).toMatchObject({ type: "approval.opened", data: { sentence: "alice waits for a yes.", approval: "apr_1" } });
    expect(() => new Webhook(secret).verify(`${body} `, headers as Record<string, string>)).toThrow();
    expect(path).toBe("/hook?token=of-the-address");
    await expect.poll(left).toBe(0);
  });

  it("is a sentence for Slack", async () => {
    start([target({ kind: "slack", secret: undefined })]).tell(event);
    await expect.poll(() => received.map(({ body }) => JSON.parse(body))).toMatchObject([{ text: "alice waits for a yes." }]);
  });

  it("says where to decide, and to Slack nothing that a caller wrote becomes a link or a mention", async () => {
    const link = "https://weir.example.com/approvals/apr_1";
    const hostile = { ...event, sentence: "<!channel> waits for <https://evil.example|Approve> & more\u202e", link };
    start([target(), target({ name: "slack", kind: "slack", secret: undefined, url: sealed(`${address()}/slack`) })]).tell(hostile);
    await expect.poll(() => received.length).toBe(2);
    const bodyOf = (start: string) => JSON.parse(received.find(({ path }) => path.startsWith(start))?.body ?? "{}");
    const inert = "&lt;!channel&gt; waits for &lt;https://evil.example|Approve&gt; &amp; more ";
    const shown = { type: "mrkdwn", text: `${inert}\n<${link}|Decide>`, verbatim: true };
    expect(bodyOf("/slack")).toEqual({ text: inert, blocks: [{ type: "section", text: shown }] });
    expect(bodyOf("/hook")).toMatchObject({ data: { link, sentence: hostile.sentence } });
  });

  it("goes to those who want to hear of it, and to each", async () => {
    const other = target({ name: "other", url: sealed(`${address()}/other`) });
    const deaf = target({ name: "deaf", url: sealed(`${address()}/deaf`), events: ["call.blocked"] });
    start([target(), other, deaf]).tell(event);
    await expect.poll(() => received.map(({ path }) => path).sort()).toEqual(["/hook?token=of-the-address", "/other"]);
  });

  it("is tried again under the same id until it arrives, and follows no redirect", async () => {
    statuses.push(500, 302);
    start([target()]).tell(event);
    for (let tries = 1; tries < 3; tries++) {
      await expect.poll(() => received.length).toBe(tries);
      await expect.poll(async () => (await database.query("SELECT 1 FROM weir.outbox WHERE next_try > now()")).rowCount).toBe(1);
      await dueNow();
    }
    await expect.poll(left).toBe(0);
    expect(received).toHaveLength(3);
    expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  });

  it("is delivered once, whatever the number of replicas", async () => {
    const replicas = [start([target()]), start([target()]), start([target()])];
    for (let count = 0; count < 20; count++) replicas[count % 3]?.tell({ ...event, data: { count } });
    await expect.poll(left).toBe(0);
    await expect.poll(() => received.length).toBe(20);
    expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(20);
  });

  it("that was on its way when a gateway ended is delivered by the next", async () => {
    const first = start([target()], () => false);
    first.tell(event);
    await expect.poll(left).toBe(1);
    await first.stop();
    await dueNow();
    start([target()]);
    await expect.poll(() => received.length).toBe(1);
  });

  it("does not go where egress forbids", async () => {
    start([target()], () => false).tell(event);
    await expect.poll(async () => (await database.query("SELECT tries FROM weir.outbox")).rows).toEqual([{ tries: 1 }]);
    expect(received).toEqual([]);
  });

  it("for a target that is gone is given up", async () => {
    const notifier = start([target()], () => false);
    notifier.tell(event);
    await expect.poll(left).toBe(1);
    notifier.update([target({ name: "new", events: [] })]);
    await dueNow();
    await expect.poll(left).toBe(0);
    expect(received).toEqual([]);
  });
});
