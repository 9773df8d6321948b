/** What becomes of each of many held requests, drawn at random, and how what happened is judged by it. */

import { randomInt } from "node:crypto";
import { newMark } from "../../support/held/arena.ts";
import { type Ask, asks, type Ending } from "../../support/held/asks.ts";

/** What the reviewer means to do with a request. */
export type Plan = "approve" | "deny" | "expire";

/** How its caller behaves: waits; leaves and comes back with the same request; or never waits. */
export type Manner = "waits" | "leaves" | "returns";

export interface Planned extends Ask {
  readonly mark: string;
  readonly plan: Plan;
  readonly manner: Manner;
  /** The number of its caller. */
  readonly caller: number;
  /** The replica that holds it; the other one decides. */
  readonly replica: number;
}

/** Of ten requests: so many approved, denied, and left to expire. */
const plans: readonly Plan[] = ["approve", "approve", "approve", "approve", "approve", "deny", "deny", "deny", "expire", "expire"];
const manners: readonly Manner[] = ["waits", "waits", "waits", "waits", "waits", "waits", "waits", "waits", "leaves", "returns"];

const oneOf = <T>(choices: readonly T[]): T => {
  const choice = choices[randomInt(choices.length)];
  if (choice === undefined) throw new Error("nothing to choose from");
  return choice;
};

/** So many requests, of every kind in turn, spread over callers and two replicas: most wait at the first, which will be killed. */
export const drawPlan = (requests: number, callers: number): readonly Planned[] =>
  Array.from({ length: requests }, (_, at) => {
    const kind = asks[at % asks.length];
    if (kind === undefined) throw new Error("there are no kinds of calls");
    return {
      ...kind,
      mark: newMark(),
      plan: oneOf(plans),
      manner: oneOf(manners),
      caller: at % callers,
      replica: oneOf([0, 0, 0, 1]),
    };
  });

/** How a request is meant to end. */
const meant: Readonly<Record<Plan, Ending>> = { approve: "passed", deny: "approval_denied", expire: "approval_expired" };

/** One request's end. */
export interface Ended {
  readonly planned: Planned;
  readonly ending: Ending;
  /** Tries before it, each ended by an error that says to try again, or by a broken connection. */
  readonly retries: readonly Ending[];
  /** How often it reached an upstream. */
  readonly forwarded: number;
  /** Whether its yes was used up by a replica that was killed or had lost the database, so that it had to be asked for again. */
  readonly usedUp: boolean;
}

/** What is wrong with how a request ended; undefined: nothing is. */
export const violation = ({ planned, ending, forwarded, usedUp }: Ended): string | undefined => {
  const who = `${planned.kind}, ${planned.manner}, ${planned.mark}, meant to ${planned.plan}`;
  if (forwarded > 1) return `${who}: forwarded ${forwarded} times`;
  if (forwarded > 0 && planned.plan !== "approve") return `${who}: forwarded without a yes`;
  if (usedUp && ending === "approval_denied") return undefined;
  if (ending !== meant[planned.plan]) return `${who}: ended as ${ending}`;
  return ending === "passed" && forwarded === 0 ? `${who}: passed without being forwarded` : undefined;
};
