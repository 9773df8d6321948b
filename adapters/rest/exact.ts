/** What makes a REST request the one it is: what a person's yes is bound to. */

import { otherPreferences } from "../../src/envelope/preference.ts";
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

/** What is the same in every try: a caller may wait in one and not in another. */
const lasting = (passing: readonly string[]): string[] => {
  const kept: string[] = [];
  for (let at = 0; at + 1 < passing.length; at += 2) {
    const [name = "", value = ""] = passing.slice(at, at + 2);
    const said = name === "prefer" ? otherPreferences(value) : value;
    if (!ofOneTry.has(name) && (name !== "prefer" || said !== "")) kept.push(name, said);
  }
  return kept;
};

/** The pieces of a request; `body` is undefined where it has none. */
export const exactOf = (
  { method, direction, query }: Head,
  { rawHeaders }: HttpRequest,
  body: Buffer | undefined,
): readonly (string | Uint8Array)[] => {
  const passing = passingRequestHeaders(rawHeaders);
  const kept = lasting(passing);
  const headers = [...kept, ...ofBody.flatMap((name) => [name, soleHeader(rawHeaders, name) ?? ""])];
  return exactPieces({ method, path: direction.path, query: passingQuery(query), headers, body });
};
