/** What waits at a gateway, as a test waits for it. Programs that are no tests use `reviewing.ts` alone. */

import { expect } from "vitest";
import { pendingIds, type Reviewing } from "./reviewing.ts";

/** The id of what waits, once it is that one and no other. */
export const onlyPending = async (client: Reviewing): Promise<string> => {
  await expect.poll(async () => (await pendingIds(client)).length).toBe(1);
  const [id = ""] = await pendingIds(client);
  return id;
};
