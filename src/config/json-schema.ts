/** The JSON Schema of `weir.yaml`: editors complete and check the file by it. Published as `weir.schema.json`. */

import { z } from "zod";
import { configSchema } from "./schema/index.ts";

/** For a schema that nothing is read through. */
const nowhere = {
  env: () => undefined,
  file: (): never => {
    throw new Error("a schema is published without reading files");
  },
};

/** The schema as a plain object, of JSON Schema 2020-12. */
export const publishSchema = () =>
  z.toJSONSchema(configSchema(nowhere).meta({ title: "weir.yaml", description: "The configuration of Weir (ARCHITECTURE.md 1.2)." }), {
    io: "input",
  });
