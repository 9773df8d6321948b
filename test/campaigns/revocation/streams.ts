/** Streams of every protocol that say one thing and then nothing, from the upstream to a caller who waits for what ends them. */

import { ConnectError, createClient } from "@connectrpc/connect";
import { messageEvents } from "../../support/anthropic-messages.ts";
import {
  type ConnectServer,
  connectEchoes,
  echoService,
  startConnectServer,
  type Text,
  text,
  transportTo,
} from "../../support/connect-echo.ts";
import { chunkOf, ScriptedUpstream } from "../../support/upstream.ts";

export interface Protocol {
  /** As the report names it. */
  readonly name: string;
  /** The connection that it goes to. */
  readonly connection: string;
  /** Resolves once the stream has begun; `ended` resolves with what ended it: `credential_revoked`, or whatever else came. */
  readonly open: (url: string, token: string) => Promise<{ readonly ended: Promise<string> }>;
}

const codeIn = (said: string): string => /"(?:code|error_code)":"([a-z_]+)"/.exec(said)?.[1] ?? `without a reason: ${said.slice(-200)}`;

const readToTheEnd = async (reader: ReadableStreamDefaultReader<string>, first: string): Promise<string> => {
  let said = first;
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) said += step.value;
  } catch (thrown) {
    return `broken off: ${thrown}`;
  }
  return codeIn(said);
};

const events = (name: string, connection: string, path: string, body: object): Protocol => ({
  name,
  connection,
  open: async (url, token) => {
    const answer = await fetch(`${url}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", accept: "text/event-stream" },
      body: JSON.stringify(body),
    });
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    const first = await reader?.read();
    if (reader === undefined || first?.value === undefined || !answer.ok) throw new Error(`${name} did not begin: ${first?.value}`);
    return { ended: readToTheEnd(reader, first.value) };
  },
});

interface EchoClient {
  serverStream(request: Text, options: object): AsyncIterable<Text>;
}

/** google.rpc.ErrorInfo holds its reason in plain letters. */
const reasonOf = ({ details, rawMessage }: ConnectError): string =>
  details.some(
    (detail) => "value" in detail && detail.value instanceof Uint8Array && Buffer.from(detail.value).includes("credential_revoked"),
  )
    ? "credential_revoked"
    : `without a reason: ${rawMessage}`;

const restOf = async (messages: AsyncIterator<Text>): Promise<string> => {
  try {
    while ((await messages.next()).done !== true);
    return "a clean end";
  } catch (thrown) {
    return reasonOf(ConnectError.from(thrown));
  }
};

const rpc = (name: string, wire: "grpc" | "connect"): Protocol => ({
  name,
  connection: "echo",
  open: async (url, token) => {
    const transport = transportTo(Number(new URL(url).port), { wire, http: "2", json: false, gzip: false });
    const client = createClient(echoService, transport) as unknown as EchoClient;
    const messages = client.serverStream(text("begin"), { headers: { authorization: `Bearer ${token}` } })[Symbol.asyncIterator]();
    await messages.next();
    return { ended: restOf(messages) };
  },
});

const messages = [{ role: "user", content: "begin" }];

/** One of every kind of stream. */
export const protocols: readonly Protocol[] = [
  events("OpenAI", "gpt", "/v1/chat/completions", { model: "gpt-4o", stream: true, messages }),
  events("Anthropic", "claude", "/v1/messages", { model: "claude", stream: true, max_tokens: 9, messages }),
  events("REST", "churn", "/churn/events", { text: "begin" }),
  rpc("gRPC", "grpc"),
  rpc("Connect", "connect"),
];

/** Upstreams whose every stream begins and goes on until it is cut. */
export interface EndlessUpstreams {
  /** The connections to them, as a configuration lists them. */
  readonly connections: string;
  close(): Promise<void>;
}

const begun: Readonly<Record<string, string>> = {
  "/v1/messages": messageEvents({ content: [{ type: "text", text: "hello" }] }, (said) => [said])
    .slice(0, 3)
    .join(""),
  "/events": 'data: {"text":"hello"}\n\n',
};

const connectionsTo = (models: ScriptedUpstream, echo: ConnectServer): string => `
  - { name: gpt, protocol: openai, upstream: "http://127.0.0.1:${models.port}/v1" }
  - { name: claude, protocol: anthropic, upstream: "http://127.0.0.1:${models.port}/v1" }
  - { name: churn, protocol: rest, upstream: "http://127.0.0.1:${models.port}" }
  - { name: echo, protocol: connect, http: "2", upstream: "http://127.0.0.1:${echo.port}", route: { services: [test.Echo] } }`;

export const startEndlessUpstreams = async (): Promise<EndlessUpstreams> => {
  const [models, echo] = await Promise.all([ScriptedUpstream.start(), startConnectServer("2")]);
  models.script = (call, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(begun[call.url] ?? chunkOf({ content: "hello" }));
  };
  echo.handlers = {
    ...connectEchoes,
    async *serverStream(request, { signal }) {
      yield request;
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    },
  };
  return {
    connections: connectionsTo(models, echo),
    close: async () => {
      await Promise.all([models.close(), echo.close()]);
    },
  };
};
