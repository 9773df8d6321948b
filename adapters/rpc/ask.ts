/** One question to an upstream by the gateway itself, over gRPC: what reflection needs. */

import { GatewayError } from "../../src/envelope/error.ts";
import type { Http2Upstreams } from "../shared/upstream-http2.ts";
import { answerBroken, answerTooLarge, invalidAnswer } from "./answer.ts";
import type { AskUpstream } from "./messages/index.ts";
import { metadataValue } from "./metadata.ts";
import { FrameReader, frameOf } from "./wire/frame.ts";

/** Bytes of all that an upstream may answer: descriptors of very many services. */
const answerBytes = 16 * 1024 * 1024;

/** Milliseconds for an answer: a change of the configuration waits for it, and whatever is changed next. */
const answerMs = 10_000;

/** Nobody who asked can leave. */
const staying = { left: false, onLeave: () => {} };

const okStatus = "0";

const headers = { "content-type": "application/grpc", te: "trailers", "grpc-accept-encoding": "identity" };

/** Asks over the connections that calls use: addresses are checked, the credential is set, the connection's limits of time hold, and ours. */
export const askUpstream =
  (upstreams: Http2Upstreams): AskUpstream =>
  async (connection, path, requests) => {
    const call = await upstreams.begin(connection, { method: "POST", path, headers, leaving: staying, within: answerMs });
    call.end(Buffer.concat(requests.map((request) => frameOf(0, request).wire)));
    const { rawHeaders, last } = await call.head;
    const frames = new FrameReader({ messageBytes: answerBytes, tooLarge: answerTooLarge });
    const messages: Uint8Array[] = [];
    let size = 0;
    try {
      for await (const chunks of call.body) {
        for (const chunk of chunks) {
          size += chunk.length;
          if (size > answerBytes) throw answerTooLarge();
          frames.push(chunk, ({ payload }) => messages.push(payload));
        }
      }
    } catch (thrown) {
      call.stop(GatewayError.from(thrown));
      throw thrown;
    }
    if (frames.partial) throw answerBroken();
    const status = metadataValue(last ? rawHeaders : call.trailers, "grpc-status");
    if (status !== okStatus) throw invalidAnswer(`the upstream ended a call of the gateway's own with status ${status ?? "none"}`);
    return messages;
  };
