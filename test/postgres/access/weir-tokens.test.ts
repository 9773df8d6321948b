import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { Principal } from "../../../src/envelope/call.ts";
import { parseScope, TokenMint, TokenStore, type TokenWish, WeirTokens } from "../../../src/identity/grants/index.ts";
import { openPool, type Pool } from "../../../src/store/index.ts";
import { alone, cloneDatabase, silentLog, type TestDatabase } from "../../support/database.ts";

const minuteMs = 60_000;
const exchange = { via: "exchange", also: alone } as const;
const encryptionKey = randomBytes(32);

const alice: Principal = {
  kind: "human",
  issuer: "corp",
  subject: "alice",
  name: "alice",
  email: "alice@corp.example",
  groups: ["analysts"],
};

const wish = (rest: Partial<TokenWish> & { words?: string } = {}): TokenWish => ({
  scope: parseScope(rest.words ?? ""),
  lifetime: undefined,
  requests: undefined,
  ...rest,
});

let database: TestDatabase;
let pool: Pool;

const replica = (key: Uint8Array = encryptionKey): WeirTokens =>
  new WeirTokens({
    store: new TokenStore(pool),
    mint: new TokenMint(key),
    lifetimes: () => ({ usual: 15 * minuteMs, longest: 60 * minuteMs }),
  });

beforeAll(async () => {
  database = await cloneDatabase(inject("postgres"));
  pool = openPool({ address: database.address, role: "weir_access", log: silentLog });
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

describe("a Weir token", () => {
  it("names in every replica whom it was issued to, with its scope", async () => {
    const { secret, token } = await replica().issue(alice, wish({ words: "connection:gpt model:gpt-4o* operation:embeddings" }), exchange);
    const principal = await replica().resolve(secret);
    expect(principal).toEqual({
      ...alice,
      grant: {
        id: token.id,
        lineage: [],
        scope: { connections: ["gpt"], models: ["gpt-4o*"], operations: ["embeddings"] },
        counted: false,
        expiresAt: token.expiresAt,
      },
    });
  });

  it("stands nowhere in the database", async () => {
    const { secret } = await replica().issue(alice, wish(), exchange);
    const { rows } = await database.query("SELECT t::text AS row FROM weir.tokens t");
    expect(JSON.stringify(rows)).not.toContain(secret.slice(6, 30));
  });

  it("lives a quarter of an hour unless another time is asked for, and never longer than allowed", async () => {
    const tokens = replica();
    const lives = async (lifetime: number | undefined): Promise<number> => {
      const { token } = await tokens.issue(alice, wish({ lifetime }), exchange);
      return token.expiresAt - token.issuedAt;
    };
    expect([await lives(undefined), await lives(minuteMs), await lives(600 * minuteMs)]).toEqual([15 * minuteMs, minuteMs, 60 * minuteMs]);
  });

  it("is refused once it has ended, when it was made up, and when another gateway made it", async () => {
    const tokens = replica();
    const { secret } = await tokens.issue(alice, wish({ lifetime: 1 }), exchange);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const foreign = await replica(randomBytes(32)).issue(alice, wish(), exchange);
    for (const bad of [secret, `${secret.slice(0, -1)}A`, foreign.secret, `weirt_${"A".repeat(54)}`])
      await expect(tokens.resolve(bad)).rejects.toMatchObject({ reason: "credential_invalid" });
  });

  it("got for another token is good for no more and lives no longer", async () => {
    const tokens = replica();
    const first = await tokens.issue(alice, wish({ words: "connection:gpt connection:churn model:gpt-4o*", lifetime: minuteMs }), exchange);
    const holder = await tokens.resolve(first.secret);
    const second = await tokens.issue(holder, wish({ words: "connection:gpt model:gpt-4o-mini", lifetime: 50 * minuteMs }), exchange);
    expect(second.token).toMatchObject({ lineage: [first.token.id], expiresAt: first.token.expiresAt });
    const kept = await tokens.issue(holder, wish(), exchange);
    expect(kept.token.scope).toEqual(first.token.scope);
    for (const words of ["connection:other", "model:gpt-5", "model:*", "model:gpt-4*"])
      await expect(tokens.issue(holder, wish({ words }), exchange)).rejects.toThrow("good for more");
  });

  it("for a number of requests is spent over all replicas, and cannot be exchanged", async () => {
    const [one, two] = [replica(), replica()];
    const { secret } = await one.issue(alice, wish({ requests: 3 }), exchange);
    const [first, second] = [await one.resolve(secret), await two.resolve(secret)];
    const spent = await Promise.allSettled([one.spend(first), two.spend(second), one.spend(first), two.spend(second), one.spend(first)]);
    expect(spent.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
    await expect(one.issue(first, wish(), exchange)).rejects.toThrow("cannot be exchanged");
  });

  it("that is unknown is refused while the database is away; one just seen is still known", async () => {
    const away = openPool({ address: { ...database.address, database: "no_such_database" }, role: "weir_access", log: silentLog });
    const mint = new TokenMint(encryptionKey);
    const tokens = new WeirTokens({ store: new TokenStore(away), mint, lifetimes: () => ({ usual: minuteMs, longest: minuteMs }) });
    await expect(tokens.resolve(mint.make())).rejects.toMatchObject({ reason: "credential_invalid" });
    await away.end();
  });

  it("is issued to nobody in particular", async () => {
    const anonymous: Principal = { ...alice, kind: "anonymous", issuer: "weir", subject: "anonymous", name: "anonymous" };
    await expect(replica().issue(anonymous, wish(), exchange)).rejects.toThrow("credential");
  });
});

describe("a scope", () => {
  it("is made of words of three kinds, and of nothing else", () => {
    for (const words of ["openid", "connection:", ":gpt", "model", 'model:"x"', "role:admin", "connection:a\\b", "x".repeat(5_000)])
      expect(() => parseScope(words)).toThrow();
  });
});
