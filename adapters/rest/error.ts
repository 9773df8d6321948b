/** Refusals of REST calls (ARCHITECTURE.md 1.5): a sentence, the reason as a code, and the session. */

import type { GatewayError } from "../../src/envelope/error.ts";
import type { Refusal } from "../../src/envelope/surface.ts";

/** How a stream that has begun may still say something. */
export type Framing = "events" | "lines" | "none";

const errorJson = (error: GatewayError, session: string): string => JSON.stringify({ error: error.message, code: error.reason, session });

/** The body of a refusal. */
export const restRefusal = (error: GatewayError, session: string): Refusal => ({
  contentType: "application/json",
  body: errorJson(error, session),
});

/** The last words of a stream that failed; undefined where its format has no place for any, so that only a broken answer says that it is not whole. */
export const restLastWords = (error: GatewayError, session: string, framing: Framing): string | undefined => {
  switch (framing) {
    case "events":
      return `event: error\ndata: ${errorJson(error, session)}\n\n`;
    case "lines":
      return `${errorJson(error, session)}\n`;
    case "none":
      return undefined;
  }
};
