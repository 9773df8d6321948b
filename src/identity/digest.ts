/** How credentials are known: by a hash, which nobody can present. */

import { hash } from "node:crypto";

/** SHA-256 in lower-case hexadecimal. Keys and tokens have at least 128 random bits, so they need no salt. */
export const sha256 = (secret: string): string => hash("sha256", secret, "hex");
