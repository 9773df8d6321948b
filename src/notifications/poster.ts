/** Posts messages: through egress, bounded in time, without redirects; what is answered is not read. */

import { Agent } from "undici";
import type { TargetNetwork } from "./settings.ts";

const totalMs = 10_000;
const largestAnswer = 64 * 1024;

/** A message was not taken. The message names a kind of failure and never the address, which may be a secret. */
export class PostFailed extends Error {
  override readonly name = "PostFailed";
}

const reasonOf = (thrown: unknown): string => {
  if (thrown instanceof PostFailed) return thrown.message;
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  return typeof code === "string" ? code : "the exchange failed";
};

export class Poster {
  readonly #agent: Agent;

  constructor(network: TargetNetwork) {
    this.#agent = new Agent({ connect: network.connector(totalMs), pipelining: 0, maxResponseSize: largestAnswer });
  }

  /** Resolves once the target has said 2xx. Rejects with {@link PostFailed}. */
  async post(address: string, body: string, headers: Readonly<Record<string, string>>): Promise<void> {
    try {
      const url = new URL(address);
      const answer = await this.#agent.request({
        origin: url.origin,
        path: url.pathname + url.search,
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body,
        signal: AbortSignal.timeout(totalMs),
      });
      await answer.body.dump();
      if (answer.statusCode < 200 || answer.statusCode > 299) throw new PostFailed(`the answer's status is ${answer.statusCode}`);
    } catch (thrown) {
      throw new PostFailed(reasonOf(thrown));
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}
