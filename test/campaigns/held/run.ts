/**
 * Many held requests over two replicas, one of which is killed, and a database that is restarted. Exits 1 when one did not end as it was decided.
 * Usage: tsx test/campaigns/held/run.ts [REQUESTS] [SECONDS THAT A REQUEST WAITS]
 */

import { playHeldCampaign } from "./campaign.ts";
import { violation } from "./plan.ts";
import { tallyOf } from "./tally.ts";

/** A caller has at most twenty that wait; half of that leaves room for those who leave and come back. */
const requestsOfOne = 10;

const requests = Number(process.argv[2] ?? 500);
const expiresSeconds = Number(process.argv[3] ?? 120);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const ended = await playHeldCampaign({ requests, callers: Math.ceil(requests / requestsOfOne), expiresSeconds, say });
const violations = ended.flatMap((each) => violation(each) ?? []);
for (const line of [...violations, ...tallyOf(ended)]) say(line);
if (violations.length > 0) process.exitCode = 1;
