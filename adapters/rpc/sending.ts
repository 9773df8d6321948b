/** Sends a request's messages upstream. */

import { GatewayError } from "../../src/envelope/error.ts";
import type { Batches, Order } from "../../src/envelope/exchange.ts";
import type { Http2Call } from "../shared/http2-call.ts";
import type { BodyEncoder } from "./dialect.ts";
import type { RpcMessage, RpcPart } from "./message.ts";

/** What of a message stands on the wire as bytes. */
export const wireOf = (part: RpcPart): Buffer => (part.kind === "raw" ? part.bytes : part.frame.wire);

/** Several messages as one run of bytes; undefined where there are none. */
export const wireOfAll = (parts: readonly RpcPart[]): Buffer | undefined => {
  const [first, ...rest] = parts;
  if (first === undefined) return undefined;
  return rest.length === 0 ? wireOf(first) : Buffer.concat(parts.map(wireOf));
};

/** Whether a message stands on the wire as bytes of its own. */
export const isPart = (message: RpcMessage): message is RpcPart => message.kind === "raw" || message.kind === "payload";

async function* behind(parts: readonly RpcPart[], more: Batches<RpcMessage>): Batches<RpcMessage> {
  yield parts;
  yield* more;
}

/** What goes upstream as it comes: the messages that the call was opened with, and what follows them; undefined where the request is whole. */
export const streamOf = ({ message, more }: Order<RpcMessage>): Batches<RpcMessage> | undefined =>
  more !== undefined && message.kind === "opening" && message.parts.length > 0 ? behind(message.parts, more) : more;

/** Times that a whole call is made before an upstream's refusal to look at it stands. */
const attempts = 2;

/** Makes a call whose request is whole, and waits for its answer's head. Rejects with `upstream_*` or `cancelled`. */
const callWhole = async (begin: () => Promise<Http2Call>, bytes: Buffer | undefined): Promise<Http2Call> => {
  for (let left = attempts - 1; ; left--) {
    const call = await begin();
    call.end(bytes);
    try {
      await call.head;
      return call;
    } catch (thrown) {
      if (left === 0 || !call.refused) throw thrown;
    }
  }
};

/**
 * Sends what follows as it comes, no faster than the upstream takes it. What stops it (a message that policy forbids, a caller that breaks off) stops the
 * call, with that very error for the answer's reader. Never rejects.
 */
const pump = async (call: Http2Call, more: Batches<RpcMessage>, encoder?: BodyEncoder): Promise<void> => {
  try {
    for await (const batch of more) {
      if (call.over) return;
      const bytes = wireOfAll(batch.filter(isPart));
      if (bytes !== undefined && !call.write(encoder === undefined ? bytes : encoder.push(bytes))) await call.drained();
    }
    call.end(encoder?.end());
  } catch (thrown) {
    call.stop(GatewayError.from(thrown));
  }
};

/** What goes upstream: a whole body, or what follows as it comes. */
export interface Outgoing {
  readonly whole: Buffer | undefined;
  readonly more: Batches<RpcMessage> | undefined;
  /** Puts a text mode on what follows. */
  readonly encoder?: BodyEncoder | undefined;
}

/** Makes a call over HTTP/2. One that streams has only begun when this resolves. */
export const makeCall = async (begin: () => Promise<Http2Call>, { whole, more, encoder }: Outgoing): Promise<Http2Call> => {
  if (more === undefined) return callWhole(begin, whole);
  const call = await begin();
  void pump(call, more, encoder);
  return call;
};
