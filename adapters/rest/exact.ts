/** What makes a REST request the one it is: what a person's yes is bound to. */

import type { Head } from "../../src/envelope/surface.ts";
import { exactPieces } from "../shared/exact-request.ts";
import { passingQuery, soleHeader } from "../shared/headers.ts";
import type { HttpRequest } from "../shared/http-server.ts";
import { passingRequestHeaders } from "./headers.ts";
import { jsonLengthHeader } from "./tensors.ts";

/** Headers of a single try: a retry changes them and asks for the same. */
const ofOneTry: ReadonlySet<string> = new Set(["idempotency-key", "traceparent", "tracestate", "user-agent"]);

/** Headers that say how the body is read, and are set anew on its way on. */
const ofBody = ["content-type", jsonLengthHeader];

/** The pieces of a request; `body` is undefined where it has none. */
export const exactOf = (
  { method, direction, query }: Head,
  { rawHeaders }: HttpRequest,
  body: Buffer | undefined,
): readonly (string | Uint8Array)[] => {
  const passing = passingRequestHeaders(rawHeaders);
  const kept = passing.filter((_, at) => !ofOneTry.has(passing[at - (at % 2)] ?? ""));
  const headers = [...kept, ...ofBody.flatMap((name) => [name, soleHeader(rawHeaders, name) ?? ""])];
  return exactPieces({ method, path: direction.path, query: passingQuery(query), headers, body });
};
