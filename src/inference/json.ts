/** Reads an upstream's JSON by the shape that the API promises. */

import type { z } from "zod";
import { GatewayError } from "../envelope/error.ts";

/** Throws `upstream_invalid` for what has another shape. INVARIANT: the error holds no text of the answer. */
export const readJson = <Shape extends z.ZodType>(shape: Shape, json: string): z.output<Shape> => {
  const read = shape.safeParse(parse(json));
  if (read.success) return read.data;
  const at = read.error.issues.map(({ path, code }) => `${path.join(".")}: ${code}`).join(", ");
  throw new GatewayError("upstream_invalid", undefined, { note: `the answer is not what the API promises (${at})` });
};

const parse = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    throw new GatewayError("upstream_invalid", undefined, { note: "the answer is not valid JSON" });
  }
};
