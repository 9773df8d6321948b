/** Fetches the small JSON documents of issuers: through egress, bounded in size and time, without redirects. */

import { Agent } from "undici";
import type { IssuerNetwork } from "./settings.ts";

/** Milliseconds for the whole exchange. */
const totalMs = 5_000;
/** A discovery document has some 5 KB, a key set of the largest providers some 30 KB. */
const largestBytes = 512 * 1024;

/** A document could not be had. The message names a kind of failure and never holds what was received. */
export class FetchFailed extends Error {
  override readonly name = "FetchFailed";
}

/** Loopback hosts may speak plain HTTP; every other issuer's keys come over TLS (OpenID Connect Discovery 1.0 section 7). */
const isLoopback = (hostname: string): boolean => /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);

/** The URL, if documents of issuers may be fetched from it. Throws {@link FetchFailed}. */
export const fetchableUrl = (address: string): URL => {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || url.username !== "" || url.password !== "") throw new FetchFailed("the address is not a URL to fetch from");
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname)))
    throw new FetchFailed("the address is not https");
  return url;
};

const kindOf = (thrown: unknown): string => {
  if (thrown instanceof FetchFailed) return thrown.message;
  if (thrown instanceof SyntaxError) return "the document is not JSON";
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  return typeof code === "string" ? code : "the exchange failed";
};

/** One client for all issuers: a connection is used for one document and closed. */
export class DocumentFetcher {
  readonly #agent: Agent;

  constructor(network: IssuerNetwork) {
    this.#agent = new Agent({ connect: network.connector(totalMs), pipelining: 0, maxResponseSize: largestBytes });
  }

  /** The parsed document. Rejects with {@link FetchFailed}. */
  async json(address: string): Promise<unknown> {
    try {
      const url = fetchableUrl(address);
      const { statusCode, body } = await this.#agent.request({
        origin: url.origin,
        path: url.pathname + url.search,
        method: "GET",
        headers: { accept: "application/json" },
        signal: AbortSignal.timeout(totalMs),
      });
      const text = await body.text();
      if (statusCode !== 200) throw new FetchFailed(`the answer's status is ${statusCode}`);
      return JSON.parse(text);
    } catch (thrown) {
      throw new FetchFailed(kindOf(thrown));
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}
