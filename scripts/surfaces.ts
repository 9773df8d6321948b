/** Writes docs/surfaces.md: every place of every API that the gateway's tables name. Usage: npx tsx scripts/surfaces.ts [FILE] */

import { writeFileSync } from "node:fs";
import { surfacesPage } from "../test/support/surfaces-page.ts";

const [, , file = "docs/surfaces.md"] = process.argv;
writeFileSync(file, surfacesPage());
