/** An upstream's own error, as the service's callers read it. */

import { Code, ConnectError } from "@connectrpc/connect";
import { z } from "zod";

const failure = z.object({ error: z.union([z.string(), z.object({ message: z.string() })]) });

const sentence = "The model answered with an error.";

const wordsOf = (json: string): string => {
  try {
    const read = failure.safeParse(JSON.parse(json));
    if (!read.success) return sentence;
    const { error } = read.data;
    return typeof error === "string" ? error : error.message;
  } catch {
    return sentence;
  }
};

/** By the meaning of HTTP statuses in google/rpc/code.proto. */
const codes: ReadonlyMap<number, Code> = new Map([
  [400, Code.InvalidArgument],
  [404, Code.NotFound],
  [409, Code.Aborted],
  [422, Code.InvalidArgument],
  [429, Code.ResourceExhausted],
  [501, Code.Unimplemented],
  [503, Code.Unavailable],
  [504, Code.DeadlineExceeded],
]);

/** The error of an answer whose text has been masked; without a status it came in a stream that had begun. */
export const upstreamFailure = (json: string, status?: number): ConnectError =>
  new ConnectError(wordsOf(json), codes.get(status ?? 0) ?? Code.Unknown);
