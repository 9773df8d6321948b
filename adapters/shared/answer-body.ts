/** Bodies of upstream answers: decoded, bounded. */

import { GatewayError } from "../../src/envelope/error.ts";
import { soleHeader } from "./headers.ts";
import { inflate, readContentCoding } from "./inflate.ts";
import { upstreamError } from "./upstream-error.ts";
import type { UpstreamAnswer } from "./upstream-http.ts";

const nonsense = (note: string, cause?: unknown): GatewayError => new GatewayError("upstream_invalid", undefined, { note, cause });

const hasHeader = (rawHeaders: readonly string[], name: string): boolean =>
  rawHeaders.some((value, at) => at % 2 === 0 && value.toLowerCase() === name);

async function* inflated(source: AsyncIterable<readonly Buffer[]>): AsyncGenerator<readonly Buffer[]> {
  try {
    yield* source;
  } catch (thrown) {
    throw thrown instanceof GatewayError ? thrown : nonsense("the body is not what its content coding says", thrown);
  }
}

/**
 * The body with its content coding undone: the gateway asks for none, but some upstreams do not listen. What comes out is bounded by whoever reads.
 * Throws `upstream_invalid` for a coding that is not known and for more than one.
 */
export const decodedBody = ({ rawHeaders, body }: UpstreamAnswer): AsyncIterable<readonly Buffer[]> => {
  if (!hasHeader(rawHeaders, "content-encoding")) return body;
  const coding = readContentCoding(soleHeader(rawHeaders, "content-encoding") ?? "unknown");
  if (coding === "identity") return body;
  if (coding !== undefined) return inflated(inflate(body, coding));
  const error = nonsense("the body's content coding is not known");
  body.cancel(error);
  throw error;
};

/** The whole body; rejects with `upstream_invalid` beyond `limit` bytes, counted decoded. */
export const collectBody = async (answer: UpstreamAnswer, limit: number): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let size = 0;
  const add = (chunk: Buffer): void => {
    size += chunk.length;
    if (size > limit) throw nonsense("the answer is too large");
    chunks.push(chunk);
  };
  try {
    const body = decodedBody(answer);
    // Short answers are here as a whole by the time that anybody looks.
    const arrived = body === answer.body ? answer.body.arrived() : undefined;
    if (arrived !== undefined) for (const chunk of arrived) add(chunk);
    else for await (const batch of body) for (const chunk of batch) add(chunk);
  } catch (thrown) {
    throw upstreamError(thrown);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size);
};
