/** What a caller shows to say who they are (ARCHITECTURE.md 1.4). */

import type { PresentedCredential } from "../envelope/call.ts";

type HeaderSource = Exclude<PresentedCredential["source"], "certificate">;

const sources: readonly HeaderSource[] = ["authorization", "api-key", "x-api-key"];

/** Header values by lower-case name; a header that came more than once has several. */
export type HeaderValues = ReadonlyMap<string, readonly string[]>;

const bearer = /^Bearer +([\x21-\x7e]+)$/i;
const token = /^[\x21-\x7e]+$/;

const read = (source: HeaderSource, values: readonly string[]): PresentedCredential => {
  const [value = "", second] = values;
  if (second !== undefined) return { source, value: "", fault: "repeated" };
  const bare = source === "authorization" ? bearer.exec(value)?.[1] : token.exec(value)?.[0];
  return bare === undefined ? { source, value: "", fault: "unreadable" } : { source, value: bare };
};

/** What a request's headers show as credentials. Whether they will do is for the core to say, so that refusals of them are recorded as others are. */
export const presentedCredentials = (headers: HeaderValues): readonly PresentedCredential[] => {
  const found: PresentedCredential[] = [];
  for (const source of sources) {
    const values = headers.get(source);
    if (values !== undefined) found.push(read(source, values));
  }
  return found;
};
