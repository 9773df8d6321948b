/** What the comparison sends, and what it costs a process that it goes through. */

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { type ClientHttp2Session, connect } from "node:http2";
import { fileURLToPath } from "node:url";

/** Bytes of text in each message: a sentence, as a decoupled model sends them. */
const textBytes = 96;

const text = Buffer.from("words about nothing much, said one after the other, ".repeat(2)).subarray(0, textBytes);

/** A framed message of one string field (`test.Text`). */
export const message = Buffer.concat([Buffer.from([0, 0, 0, 0, textBytes + 2, 0x0a, textBytes]), text]);

/** Messages of one streamed answer. */
export const streamed = 500;

/** Calls that are open at once. */
const concurrency = 16;

interface Figures {
  readonly port: number;
  readonly cpu: number;
}

/** A process of the comparison. */
export class Part {
  readonly #child: ChildProcess;
  readonly port: number;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start(script: URL, ...args: readonly string[]): Promise<Part> {
    const child = fork(fileURLToPath(script), args, { execArgv: ["--import", "tsx"] });
    const [{ port }] = (await once(child, "message")) as [Figures];
    return new Part(child, port);
  }

  /** Microseconds of CPU that the process has used. */
  async cpu(): Promise<number> {
    const answer = once(this.#child, "message");
    this.#child.send("cpu");
    const [{ cpu }] = (await answer) as [Figures];
    return cpu;
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.send("stop");
    await ended;
  }
}

/** Answers {@link Part.cpu} in a process of the comparison; `stop` ends it after `close`. */
export const reportCpu = (close: () => Promise<void> = async () => {}): void => {
  process.on("message", (asked) => {
    if (asked === "stop") {
      void close().then(() => process.exit(0));
      return;
    }
    const { user, system } = process.cpuUsage();
    process.send?.({ cpu: user + system });
  });
};

const call = (session: ClientHttp2Session, method: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const stream = session.request({
      ":method": "POST",
      ":path": `/test.Echo/${method}`,
      "content-type": "application/grpc",
      te: "trailers",
    });
    let status: unknown;
    let bytes = 0;
    stream.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
    });
    stream.on("trailers", (trailers) => {
      status = trailers["grpc-status"];
    });
    stream.on("error", reject);
    stream.on("close", () => {
      const wanted = message.length * (method === "ServerStream" ? streamed : 1);
      // Text that was held to the end of a stream comes in one more message.
      if (status === "0" && bytes >= wanted) resolve();
      else reject(new Error(`a call ended with status ${String(status)} and ${bytes} of ${wanted} bytes`));
    });
    stream.end(message);
  });

/** Makes so many calls. */
const calls = async (port: number, method: string, count: number): Promise<void> => {
  const session = connect(`http://127.0.0.1:${port}`);
  let left = count;
  const work = async (): Promise<void> => {
    while (left-- > 0) await call(session, method);
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  session.close();
};

export interface Cost {
  /** Microseconds of CPU of a unary call. */
  readonly call: number;
  /** Microseconds of CPU of a streamed message, its call's share included. */
  readonly message: number;
}

const unaryCalls = 3_000;
const streamCalls = 60;

/** What calls through a part cost it. */
export const costOf = async (part: Part): Promise<Cost> => {
  const spend = async (method: string, count: number): Promise<number> => {
    await calls(part.port, method, count / 2); // warms it up
    const before = await part.cpu();
    await calls(part.port, method, count);
    return ((await part.cpu()) - before) / count;
  };
  return { call: await spend("Unary", unaryCalls), message: (await spend("ServerStream", streamCalls)) / streamed };
};
