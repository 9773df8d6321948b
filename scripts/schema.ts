/** Writes the JSON Schema of weir.yaml, as the parser holds it. Usage: npm run schema [-- FILE] */

import { writeFileSync } from "node:fs";
import { publishSchema } from "../src/config/index.ts";

const [, , file = "weir.schema.json"] = process.argv;
writeFileSync(file, `${JSON.stringify(publishSchema(), null, 2)}\n`);
