/** A call as its head tells it. */

import type { Call, Operation } from "../../src/envelope/call.ts";
import type { Head } from "../../src/envelope/surface.ts";
import type { Leaving } from "./leaving.ts";

/** The call that a surface offers the core; its signal is made when it is first asked for. */
export const callOf = (head: Head, operation: Operation, leaving: Leaving): Call => {
  const { id, receivedAt, method, route, direction, credentials, remoteAddress } = head;
  return {
    id,
    receivedAt,
    surface: direction.surface,
    method,
    operation,
    route,
    direction,
    credentials,
    remoteAddress,
    get signal() {
      return leaving.signal;
    },
  };
};
