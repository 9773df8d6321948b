/** Objects that upstreams keep for callers: nobody reaches those of another (ARCHITECTURE.md 1.9). */

import type { Principal } from "../envelope/call.ts";
import { GatewayError } from "../envelope/error.ts";
import type { CallersObjects, Incoming, StoredObject } from "../envelope/exchange.ts";
import type { Ownership, Ports } from "./ports.ts";
import type { Permitted } from "./stages.ts";

/** Who is nobody in particular owns nothing: what one anonymous caller keeps must not be another's. */
const nobodys: CallersObjects = { mine: async () => [], claim: async () => {} };

const ofCaller = (ownership: Ownership, principal: Principal, connection: string): CallersObjects => ({
  mine: async (objects) => (objects.length === 0 ? [] : ownership.owned(principal, connection, objects)),
  claim: async (objects) => {
    try {
      if (objects.length > 0) await ownership.claim(principal, connection, objects);
    } catch (thrown) {
      throw new GatewayError("recording_failed", undefined, { cause: thrown, note: "the owner of an object could not be recorded" });
    }
  },
});

/**
 * The connections that a call without a model may go to because it names objects: those that keep them for the caller. undefined: the objects do not tell.
 */
export const homesOf = async <Q>(ports: Ports, principal: Principal, incoming: Incoming<Q>): Promise<ReadonlySet<string> | undefined> => {
  const { model, refers = [] } = incoming;
  if (model !== undefined || refers.length === 0) return undefined;
  return new Set(principal.kind === "anonymous" ? [] : await ports.objects.homes(principal, refers));
};

const nameOf = ({ kind, id }: StoredObject): string => JSON.stringify([kind, id]);

/** The caller's objects on the connection of a call. Rejects with `target_unknown` where the request names one that is not theirs. */
export const callersObjects = async <Q>(ports: Ports, { principal, connections, incoming }: Permitted<Q>): Promise<CallersObjects> => {
  const objects = principal.kind === "anonymous" ? nobodys : ofCaller(ports.objects, principal, connections[0].name);
  const wanted = new Set(incoming.refers.map(nameOf));
  if (wanted.size === 0) return objects;
  const mine = await objects.mine(incoming.refers);
  for (const object of mine) wanted.delete(nameOf(object));
  if (wanted.size > 0)
    throw new GatewayError("target_unknown", undefined, { note: "the request names an object that is not the caller's" });
  return objects;
};
