/** Calls of every protocol, as their clients make them, and how they end. */

import { ConnectError } from "@connectrpc/connect";
import { connectClient, type TransportChoice, text } from "../connect-echo.ts";

/** `passed`; the reason of a refusal; `lost` where the connection broke. */
export type Ending = string;

/** Where a call goes, and as whom. */
export interface Asking {
  /** The gateway's address. */
  readonly url: string;
  readonly key: string;
  /** Besides the credential. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface Ask {
  /** As a report names it. */
  readonly kind: string;
  /** Never rejects. */
  readonly ask: (mark: string, asking: Asking) => Promise<Ending>;
}

const reasonIn = (body: string): Ending => /"(?:code|reason|error_code)":"([a-z_]+)"/.exec(body)?.[1] ?? `unclear: ${body}`;

const acceptedStatus = 202;

const post = (kind: string, path: string, bodyOf: (mark: string) => object): Ask => ({
  kind,
  ask: async (mark, { url, key, headers = {}, signal }) => {
    try {
      const answer = await fetch(`${url}${path}`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
        body: JSON.stringify(bodyOf(mark)),
        ...(signal === undefined ? {} : { signal }),
      });
      const body = await answer.text();
      if (answer.status === acceptedStatus) return "approval_pending";
      return answer.ok && !body.includes('"error"') ? "passed" : reasonIn(body);
    } catch {
      return "lost";
    }
  },
});

const chat = (stream: boolean) => (mark: string) => ({ model: "gpt-4o", stream, messages: [{ role: "user", content: mark }] });
const message = (stream: boolean) => (mark: string) => ({ ...chat(stream)(mark), max_tokens: 9 });

/** google.rpc.ErrorInfo begins with its field 1, the reason: a tag, a length, and as many letters. */
const reasonLengthAt = 1;

const reasonOf = (error: ConnectError): Ending => {
  for (const detail of error.details)
    if ("value" in detail && detail.value instanceof Uint8Array) {
      const from = reasonLengthAt + 1;
      return Buffer.from(detail.value.subarray(from, from + (detail.value[reasonLengthAt] ?? 0))).toString();
    }
  return "lost";
};

type Wire = Pick<TransportChoice, "wire" | "http">;

const rpc = (kind: string, choice: Wire, method: "unary" | "serverStream"): Ask => ({
  kind,
  ask: async (mark, { url, key, headers = {}, signal }) => {
    const client = connectClient(Number(new URL(url).port), { ...choice, json: false, gzip: false });
    try {
      const options = { headers: { authorization: `Bearer ${key}`, ...headers }, signal };
      if (method === "unary") await client.unary(text(mark), options);
      else for await (const _ of client.serverStream(text(mark), options));
      return "passed";
    } catch (thrown) {
      return reasonOf(ConnectError.from(thrown));
    }
  },
});

/** One of every kind. */
export const asks: readonly Ask[] = [
  post("OpenAI", "/v1/chat/completions", chat(false)),
  post("OpenAI, streamed", "/v1/chat/completions", chat(true)),
  post("Anthropic", "/v1/messages", message(false)),
  post("Anthropic, streamed", "/v1/messages", message(true)),
  post("REST", "/churn/predict", (mark) => ({ text: mark })),
  rpc("gRPC", { wire: "grpc", http: "2" }, "unary"),
  rpc("gRPC, streamed", { wire: "grpc", http: "2" }, "serverStream"),
  rpc("gRPC-Web", { wire: "grpc-web", http: "1.1" }, "unary"),
  rpc("Connect", { wire: "connect", http: "2" }, "unary"),
  rpc("Connect, streamed", { wire: "connect", http: "1.1" }, "serverStream"),
];
