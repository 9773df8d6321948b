/** A call as its head tells it. */

import type { Call, Operation } from "../../src/envelope/call.ts";
import type { Head } from "../../src/envelope/surface.ts";
import type { Leaving } from "./leaving.ts";

/** How a call may end before its answer does. */
export interface Ending {
  readonly leaving: Leaving;
  /** The caller's own, milliseconds since the epoch, where its protocol lets callers give one. */
  readonly deadline?: number | undefined;
}

/** A class for its getter: every object literal with one is of a kind of its own to V8, and whatever reads a call would look each field up by name. */
class HeadedCall implements Call {
  readonly id: string;
  readonly receivedAt: number;
  readonly surface: Call["surface"];
  readonly method: string;
  readonly operation: Operation;
  readonly route: Call["route"];
  readonly direction: Call["direction"];
  readonly credentials: Call["credentials"];
  readonly remoteAddress: string;
  readonly prefersNotToWait: boolean;
  readonly deadline: number | undefined;
  readonly #leaving: Leaving;

  constructor(head: Head, operation: Operation, { leaving, deadline }: Ending) {
    this.id = head.id;
    this.receivedAt = head.receivedAt;
    this.surface = head.direction.surface;
    this.method = head.method;
    this.operation = operation;
    this.route = head.route;
    this.direction = head.direction;
    this.credentials = head.credentials;
    this.remoteAddress = head.remoteAddress;
    this.prefersNotToWait = head.prefersNotToWait;
    this.deadline = deadline;
    this.#leaving = leaving;
  }

  get signal(): AbortSignal {
    return this.#leaving.signal;
  }
}

/** The call that a surface offers the core; its signal is made when it is first asked for. */
export const callOf = (head: Head, operation: Operation, ending: Ending): Call => new HeadedCall(head, operation, ending);
