/** Names of rows, made before the rows are. */

import { randomBytes } from "node:crypto";

/** 96 bits: nobody guesses one, and no two are the same. */
const idBytes = 12;

/** A new name: a word for what it names, and chance: `apr_…`, `tok_…`. Knowing it grants nothing. */
export const newId = (kind: string): string => `${kind}_${randomBytes(idBytes).toString("base64url")}`;
