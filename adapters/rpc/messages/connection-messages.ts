/** The descriptors of every connection that gives some. */

import type { Connection } from "../../../src/envelope/call.ts";
import type { MethodMessages } from "./message.ts";

/**
 * Calls a streaming method of a connection's upstream once: sends these messages, half-closes, and gives the messages of the answer, all of them
 * without their frames' prefixes. The address is checked as any dial's is. Throws where the call did not end with status `ok`.
 */
export type AskUpstream = (connection: Connection, path: string, requests: readonly Uint8Array[]) => Promise<readonly Uint8Array[]>;

/** Loads descriptors and keeps them, by connection and revision. */
export class ConnectionMessages {
  readonly #ask: AskUpstream;
  readonly #methods = new Map<string, ReadonlyMap<string, MethodMessages>>();

  /** `ask` serves `descriptors: reflection`. */
  constructor(ask: AskUpstream) {
    this.#ask = ask;
  }

  /** Loads what these connections need, at start and at each reload. Rejects with an Error that names the connection where descriptors cannot be had. */
  async prepare(connections: readonly Connection[]): Promise<void> {
    for (const connection of connections) {
      if (connection.descriptors?.source.kind === "reflection") await this.#ask(connection, "", []);
    }
  }

  /** The messages of a method (`package.Service`, `Method`); undefined where the connection's descriptors do not name it. */
  method(connection: Connection, service: string, method: string): MethodMessages | undefined {
    return this.#methods.get(connection.revision)?.get(`${service}/${method}`);
  }
}
