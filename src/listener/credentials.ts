/** What a caller shows to say who they are (ARCHITECTURE.md 1.4). */

import type { PresentedCredential } from "../envelope/call.ts";
import { GatewayError } from "../envelope/error.ts";

type HeaderSource = Exclude<PresentedCredential["source"], "certificate">;

const sources: readonly HeaderSource[] = ["authorization", "api-key", "x-api-key"];

/** Header values by lower-case name; a header that came more than once has several. */
export type HeaderValues = ReadonlyMap<string, readonly string[]>;

const bearer = /^Bearer +([\x21-\x7e]+)$/i;
const token = /^[\x21-\x7e]+$/;

const invalid = (message: string): never => {
  throw new GatewayError("credential_invalid", message);
};

const read = (source: HeaderSource, values: readonly string[]): PresentedCredential => {
  const [value, second] = values;
  if (value === undefined || second !== undefined) return invalid("A credential was sent twice.");
  const bare = source === "authorization" ? bearer.exec(value)?.[1] : token.exec(value)?.[0];
  return bare === undefined ? invalid("The credential cannot be read.") : { source, value: bare };
};

/**
 * The credentials in a request's headers: none, or one, which may stand in several places. Throws `credential_invalid` for a repeated header,
 * one that cannot be read, and for two that differ: what was meant as a credential never becomes anonymous.
 */
export const presentedCredentials = (headers: HeaderValues): readonly PresentedCredential[] => {
  const found: PresentedCredential[] = [];
  for (const source of sources) {
    const values = headers.get(source);
    if (values !== undefined) found.push(read(source, values));
  }
  const [first] = found;
  if (first === undefined) return found;
  return found.every(({ value }) => value === first.value) ? [first] : invalid("Two different credentials were sent.");
};
