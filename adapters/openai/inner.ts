/** The OpenAI API for a service of the gateway's own: the same operations, read and answered in the process instead of on a wire. */

import type { Batches, Serve, Served } from "../../src/envelope/exchange.ts";
import type { Head } from "../../src/envelope/surface.ts";
import { callOf } from "../shared/call.ts";
import { wireOf } from "../shared/document.ts";
import { exactPieces } from "../shared/exact-request.ts";
import { type FramedMessage, wireText } from "../shared/frame.ts";
import { Leaving, type Outlet } from "../shared/leaving.ts";
import type { Upstreams } from "../shared/upstream-http.ts";
import { forward } from "./forward.ts";
import { operationOf } from "./operations.ts";
import { parseRequest, withExact } from "./request.ts";

export interface InnerOptions {
  readonly serve: Serve;
  readonly upstreams: Upstreams;
}

export interface InnerCall {
  /** The head of the service's own call: who asks, and where it leads. */
  readonly head: Head;
  /** `/v1/…`, as the API has it. */
  readonly path: string;
  /** The request's JSON; asked for once the core has identified the caller. */
  readonly body: () => Promise<string>;
  readonly outlet: Outlet;
}

export type InnerAnswer =
  | { readonly kind: "message"; readonly status: number; readonly text: string }
  /** Texts of whole events, as they would stand on the wire. */
  | { readonly kind: "stream"; readonly status: number; readonly events: AsyncIterable<readonly string[]> };

async function* wireTexts(batches: Batches<FramedMessage>): AsyncGenerator<readonly string[]> {
  for await (const batch of batches) yield batch.map(wireText);
}

const innerAnswer = (served: Served<FramedMessage>): InnerAnswer => {
  const { status } = served.head;
  return served.kind === "stream"
    ? { kind: "stream", status, events: wireTexts(served.batches) }
    : { kind: "message", status, text: String(wireOf(served.message)) };
};

/** Makes calls of the API's POST operations through every stage of the core. They reject, or their streams throw, with a GatewayError. */
export const openaiCaller =
  ({ serve, upstreams }: InnerOptions) =>
  async ({ head, path, body, outlet }: InnerCall): Promise<InnerAnswer> => {
    const method = "POST";
    const kind = operationOf(method, path);
    const leaving = new Leaving(outlet);
    const call = callOf({ ...head, method }, kind.operation, { leaving });
    const read = async () => {
      const text = await body();
      const bytes = Buffer.from(text);
      return withExact(parseRequest({ text, bytes }, kind), () => exactPieces({ method, path, query: "", headers: [], body: bytes }));
    };
    const forwarding = { upstreams, kind, method, query: "", rawHeaders: [], leaving };
    return innerAnswer(await serve({ call, read, forward: (order, objects) => forward(forwarding, order, objects) }));
  };
