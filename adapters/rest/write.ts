/** How REST answers become bytes: headers first, which are texts of the answer's first message. */

import { GatewayError } from "../../src/envelope/error.ts";
import type { Arrival } from "../shared/http-surface.ts";
import type { WireForm } from "../shared/http-writer.ts";
import { framingOf } from "./answer.ts";
import { type Framing, restLastWords, restRefusal } from "./error.ts";
import { headersOf } from "./headers.ts";
import { bodyOf, type RestMessage } from "./message.ts";

/**
 * The form of one call's answer: what its failures may say depends on how far it has come. Its head throws `upstream_invalid` where another stream
 * comes than the events that the caller has waited in.
 */
export const restForm = ({ head: { id: session }, response }: Arrival): WireForm<RestMessage> => {
  // The answer may begin as events while its call is held.
  let framing: Framing = "events";
  return {
    head: ({ head, kind }, first) => {
      const headers = first === undefined ? head.headers : { ...head.headers, ...headersOf(first) };
      const coming = framingOf(headers["content-type"]);
      if (!response.headersSent) framing = coming;
      else if (coming !== "events" && kind === "stream") throw new GatewayError("upstream_invalid", undefined, { note: "no events came" });
      return { status: head.status, headers };
    },
    body: bodyOf,
    part: bodyOf,
    refusal: (error) => restRefusal(error, session),
    lastWords: (error) => restLastWords(error, session, framing),
  };
};
