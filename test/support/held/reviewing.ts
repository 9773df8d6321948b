/** A reviewer at a gateway's management API. */

import { type Client, Code, ConnectError } from "@connectrpc/connect";
import { ApprovalService, ApprovalState } from "../../../src/gen/weir/v1/approval_pb.ts";
import { managing } from "../management.ts";
import { markIn } from "./arena.ts";

export type Reviewing = Client<typeof ApprovalService>;

/** The approvals of a gateway as the holder of a key sees them. */
export const reviewingAt = (adminUrl: string, key: string): Reviewing => managing(ApprovalService, { adminUrl, key });

const mostPending = 1000;
const pauseMs = 100;

/** The ids of everything that waits. */
export const pendingIds = async (client: Reviewing): Promise<readonly string[]> =>
  (await client.listApprovals({ state: ApprovalState.PENDING, pageSize: mostPending })).approvals.map(({ id }) => id);

/** The mark of the request that an approval is for. */
export const markOf = async (client: Reviewing, id: string): Promise<string> =>
  markIn(JSON.stringify((await client.getApproval({ id })).texts));

const passing: ReadonlySet<Code> = new Set([Code.Internal, Code.Unknown, Code.Unavailable, Code.Unauthenticated]);

/** A call to the management API that is tried again while the database comes back. */
export const again = async <T>(call: () => Promise<T>, tries = 600): Promise<T> => {
  for (let left = tries; ; left--) {
    try {
      return await call();
    } catch (thrown) {
      if (left === 0 || !passing.has(ConnectError.from(thrown).code)) throw thrown;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
};
