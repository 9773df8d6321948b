/** How `egress.allow` writes networks. What may be dialled is decided where it is dialled; this only reads the notation. */

import { isIP } from "node:net";

/** The word for every address of the public internet. */
const publicWord = "public";

/** Longest prefixes, in bits. */
const bits = { 4: 32, 6: 128 } as const;

/** A network in CIDR notation (RFC 4632 section 3.1), or a single address. */
export interface Network {
  readonly address: string;
  /** Leading bits that its addresses share. */
  readonly prefix: number;
}

/** Reads a network; undefined where the text is none. */
export const parseNetwork = (text: string): Network | undefined => {
  const found = /^(?<address>[0-9A-Fa-f:.]+)(?:\/(?<prefix>[0-9]{1,3}))?$/.exec(text)?.groups;
  const address = found?.address ?? "";
  const family = isIP(address);
  if (family !== 4 && family !== 6) return undefined;
  const prefix = Number(found?.prefix ?? bits[family]);
  return prefix <= bits[family] ? { address, prefix } : undefined;
};

/** Whether a text is something that `egress.allow` takes. */
export const isNetwork = (text: string): boolean => text === publicWord || parseNetwork(text) !== undefined;

/** Whether addresses, written as text, may be dialled under an `egress.allow`; the part of the house that dials knows. */
export type CompileEgress = (allow: readonly string[] | undefined) => { readonly allows: (address: string) => boolean };
