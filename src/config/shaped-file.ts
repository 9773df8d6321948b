/** YAML files of another shape than weir.yaml, told of in the same words. */

import { z } from "zod";
import { findingsOf, type ShapeOfKeys } from "./findings.ts";
import { refuse } from "./load.ts";
import { parseSource } from "./source.ts";

const shapeOf = (schema: z.ZodType): ShapeOfKeys => {
  const isShape = (found: object): found is ShapeOfKeys => "properties" in found || "anyOf" in found;
  const found = z.toJSONSchema(schema, { io: "input" });
  return isShape(found) ? found : {};
};

/**
 * Reads a file's text by a schema. `file` is how problems name it.
 * @throws ConfigError with everything that is wrong.
 */
export const parseShaped = <T>(text: string, file: string, schema: z.ZodType<T>): T => {
  const source = parseSource(text, file);
  const { data, error } = schema.safeParse(source.value);
  if (error !== undefined) throw refuse(source, findingsOf(error, source.value, shapeOf(schema)));
  return data;
};
