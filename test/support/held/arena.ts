/** Upstreams of every protocol behind connections whose every call waits for a person, and what reached them. */

import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { messageEvents, messageOf } from "../anthropic-messages.ts";
import { type ConnectServer, connectEchoes, echoFile, startConnectServer, type Text } from "../connect-echo.ts";
import { chatAnswer, chunkOf, json, type Script, ScriptedUpstream } from "../upstream.ts";

const newKey = (): string => `weir_${randomBytes(32).toString("hex")}`;

/** A mark that tells one request from every other. */
export const newMark = (): string => `mark-${randomBytes(8).toString("hex")}`;

/** The mark in a text; `none` where there is none. */
export const markIn = (body: string): string => /mark-[0-9a-f]{16}/.exec(body)?.[0] ?? "none";

const done = { content: [{ type: "text", text: "done" }] };
const wholeAnswers: Readonly<Record<string, unknown>> = { "/predict": { score: 1 }, "/v1/messages": messageOf(done) };

/** Answers any model's API, whole or as a stream as it is asked. */
export const answerEverything: Script = (call, response, socket) => {
  if (!call.body.toString().includes('"stream":true')) return json(wholeAnswers[call.url] ?? chatAnswer("done"))(call, response, socket);
  response.writeHead(200, { "content-type": "text/event-stream" });
  if (call.url === "/v1/messages") response.end(messageEvents(done, (text) => [text]).join(""));
  else response.end(`${chunkOf({ content: "done" })}${chunkOf({}, { finish_reason: "stop" })}data: [DONE]\n\n`);
};

export interface HeldArenaOptions {
  /** Service identities that ask. */
  readonly callers: number;
  /** How long a request waits, as configured: `60s`. */
  readonly expires: string;
}

/** The upstreams, and the configuration of gateways in front of them. */
export class HeldArena {
  /** The marks of the requests that reached an upstream, each as often as it did. */
  readonly forwarded: string[] = [];
  /** The API keys of those who ask. */
  readonly keys: readonly string[];
  readonly reviewerKey = newKey();
  /** Everything but listeners, database, data folder and encryption key. */
  readonly configuration: string;
  readonly #models: ScriptedUpstream;
  readonly #echo: ConnectServer;
  readonly #folder: string;

  private constructor(parts: Parts, { callers, expires }: HeldArenaOptions) {
    this.#models = parts.models;
    this.#echo = parts.echo;
    this.#folder = parts.folder;
    this.keys = Array.from({ length: callers }, newKey);
    this.configuration = configurationOf(parts, callers, expires);
    this.#listen();
  }

  static async start(options: HeldArenaOptions): Promise<HeldArena> {
    const folder = await mkdtemp(join(tmpdir(), "weir-held-"));
    await writeFile(descriptorsIn(folder), toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: [echoFile] })));
    const [models, echo] = await Promise.all([ScriptedUpstream.start(), startConnectServer("2")]);
    return new HeldArena({ models, echo, folder }, options);
  }

  /** What the references of the configuration lead to. */
  get env(): Record<string, string> {
    const callers = this.keys.map((key, at) => [`CALLER_${at}`, key]);
    return Object.fromEntries([...callers, ["REVIEWER", this.reviewerKey]]) as Record<string, string>;
  }

  async close(): Promise<void> {
    await Promise.all([this.#models.close(), this.#echo.close(), rm(this.#folder, { recursive: true })]);
  }

  #listen(): void {
    const note = (body: string): void => void this.forwarded.push(markIn(body));
    this.#models.script = (call, response, socket) => {
      note(call.body.toString());
      return answerEverything(call, response, socket);
    };
    this.#echo.handlers = {
      ...connectEchoes,
      unary: (request) => {
        note(request.text);
        return request;
      },
      async *serverStream(request: Text) {
        note(request.text);
        yield request;
      },
    };
  }
}

interface Parts {
  readonly models: ScriptedUpstream;
  readonly echo: ConnectServer;
  readonly folder: string;
}

const descriptorsIn = (folder: string): string => join(folder, "echo.binpb");

const configurationOf = ({ models, echo, folder }: Parts, callers: number, expires: string): string => `
egress: { allow: [127.0.0.0/8] }
roles: { reviewer: [security], admin: [platform] }
identities:
${Array.from({ length: callers }, (_, at) => `  - { name: caller-${at}, kind: service, groups: [analysts], apiKey: "\${env:CALLER_${at}}" }`).join("\n")}
  - { name: carol, kind: human, groups: [security, platform], apiKey: "\${env:REVIEWER}" }
connections:
  - { name: gpt, protocol: openai, upstream: "http://127.0.0.1:${models.port}/v1" }
  - { name: claude, protocol: anthropic, upstream: "http://127.0.0.1:${models.port}/v1" }
  - { name: churn, protocol: rest, upstream: "http://127.0.0.1:${models.port}" }
  - { name: echo, protocol: connect, http: "2", upstream: "http://127.0.0.1:${echo.port}", route: { services: [test.Echo] }, descriptors: { file: ${JSON.stringify(descriptorsIn(folder))} } }
policies:
  - name: careful
    match: { groups: [analysts] }
    effect: allow
    approval: { reviewers: { groups: [security] }, expires: ${expires} }
`;
