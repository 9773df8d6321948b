/** Names for sessions. */

import { randomFillSync } from "node:crypto";

/** 128 bits, so that ids neither collide nor can be guessed. */
const idBytes = 16;
/** Randomness is drawn for so many ids at once: one call of the system for 256 requests. */
const pooledIds = 256;

const pool = Buffer.allocUnsafe(idBytes * pooledIds);
let used = pool.length;

/** A new session id: 128 random bits as 32 hex digits. */
export const newSessionId = (): string => {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const id = pool.toString("hex", used, used + idBytes);
  used += idBytes;
  return id;
};
