/** What this feature needs of the OpenAI adapter: a call that is read and answered in the process instead of on a wire. */

import type { Head } from "../envelope/surface.ts";

/** Where the answer goes; its close before the answer is finished means that the caller has left. */
export interface Outlet {
  on(event: "close", listener: () => void): unknown;
  readonly writableFinished: boolean;
}

export interface OpenaiCall {
  readonly head: Head;
  /** `/v1/…`, as the API has it. */
  readonly path: string;
  /** The request's JSON. Asked for once, and not before the caller is known. */
  readonly body: () => Promise<string>;
  readonly outlet: Outlet;
}

/** A masked, recorded answer. An upstream's error is an answer like any other. */
export type OpenaiAnswer =
  | { readonly kind: "message"; readonly status: number; readonly text: string }
  /** Texts of whole server-sent events, as they would stand on the wire. */
  | { readonly kind: "stream"; readonly status: number; readonly events: AsyncIterable<readonly string[]> };

/** Makes a call of the OpenAI API through every stage of the core. Rejects, or its stream throws, with a GatewayError. */
export type AskOpenai = (call: OpenaiCall) => Promise<OpenaiAnswer>;
