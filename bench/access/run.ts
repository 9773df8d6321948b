/**
 * CPU time of letting a caller in: a Weir token that is known, one that must be looked up, and a decision over a thousand policies.
 * Usage: tsx bench/access/run.ts
 */

import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compilePolicies, type PolicyDocument } from "../../policy/index.ts";
import { networkOf } from "../../src/connections/index.ts";
import {
  AccessControl,
  Directory,
  type IssuerSettings,
  ManagedKeys,
  Revocations,
  SeenIdentities,
  TokenMint,
  TokenStore,
  WeirTokens,
} from "../../src/identity/index.ts";
import { ChangeFeed, migrate, openPool, startEmbedded } from "../../src/store/index.ts";
import { silentLog } from "../../test/support/database.ts";
import { namedPrograms } from "../../test/support/named-programs.ts";
import { facts, policy, principal } from "../../test/support/policy-facts.ts";

const minuteMs = 60_000;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Microseconds of CPU for each turn, the best of three runs. */
const cpuOf = async (turns: number, work: (turn: number) => unknown): Promise<number> => {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3; run++) {
    const before = process.cpuUsage();
    for (let turn = 0; turn < turns; turn++) await work(turn);
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / turns);
  }
  return best;
};

const alone = (): Promise<void> => Promise.resolve();
const exchange = { via: "exchange", also: alone } as const;

const dataDir = await mkdtemp(join(tmpdir(), "weir-bench-"));
await chmod(dataDir, 0o755);
const embedded = await startEmbedded({ dataDir, log: silentLog });
await migrate(embedded.connection);
const address = embedded.connection;
const pool = openPool({ address, role: "weir_access", log: silentLog });
const feed = new ChangeFeed({ address, log: silentLog });
const revocations = await Revocations.start({ pool, feed });
const keys = await ManagedKeys.start({ pool, feed });
const seen = new SeenIdentities(pool, silentLog);
const mint = new TokenMint(randomBytes(32));
const makeTokens = (): WeirTokens =>
  new WeirTokens({ store: new TokenStore(pool), mint, lifetimes: () => ({ usual: 15 * minuteMs, longest: 60 * minuteMs }) });
const tokens = makeTokens();
/** Who vouches for the tokens' holder: a token ends with them. Never asked here. */
const corp: IssuerSettings = {
  name: "corp",
  issuer: "https://id.example",
  jwksUri: "https://id.example/keys",
  audience: ["weir"],
  algorithms: ["RS256"],
  claims: { subject: "sub", groups: "groups", email: "email" },
  groups: ["analysts"],
  maxTokenAge: 60 * minuteMs,
  conditions: [],
  kinds: [],
};
const directory = new Directory({
  settings: { issuers: [corp], identities: [] },
  network: networkOf(() => true),
  kept: { tokens, keys, seen, control: new AccessControl(revocations, tokens) },
});
await revocations.revoke(
  { kind: "identity", issuer: "corp", subject: "somebody-else" },
  { by: { issuer: "corp", subject: "root" }, reason: "bench" },
  alone,
);

const wish = { scope: { connections: ["gpt"], models: ["gpt-4o*"], operations: undefined }, lifetime: undefined, requests: undefined };
const issue = async (): Promise<string> => (await tokens.issue(principal(), wish, exchange)).secret;
const known = await issue();
const present = (value: string) => ({ credentials: [{ source: "authorization" as const, value }] });
await directory.identify(present(known));
say(`a token that is known: ${(await cpuOf(50_000, () => directory.identify(present(known)))).toFixed(2)} µs (aim 10)`);

const fresh = await Promise.all(Array.from({ length: 3_000 }, issue));
say(
  `a token that must be looked up: ${((await cpuOf(1_000, (turn) => makeTokens().resolve(fresh[turn] ?? ""))) / 1_000).toFixed(3)} ms of this process (aim 0.3)`,
);

const documents: readonly PolicyDocument[] = Array.from({ length: 1_000 }, (_, index) =>
  policy(`p${index}`, {
    match: { groups: [index % 10 === 0 ? "analysts" : `g${index}`], models: [`gpt-${index % 7}*`], connections: ["gpt"] },
  }),
);
const set = compilePolicies([...documents, policy("last", { match: { groups: ["analysts"] } })], namedPrograms());
const question = facts({ model: "gpt-4o" });
say(
  `a decision over 1,000 policies, 101 of them about the caller: ${(await cpuOf(20_000, () => set.decide(question))).toFixed(2)} µs (aim 50)`,
);
const strangers = Array.from({ length: 20_000 }, (_, index) => facts({ model: "gpt-4o", principal: principal({ subject: `u${index}` }) }));
say(`the same for a caller never seen before: ${(await cpuOf(20_000, (turn) => set.decide(strangers[turn] ?? question))).toFixed(2)} µs`);

await seen.stop();
await Promise.all([revocations.stop(), keys.stop(), directory.close()]);
await feed.stop();
await pool.end();
await embedded.stop();
await rm(dataDir, { recursive: true, force: true });
