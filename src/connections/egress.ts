/** Egress: which addresses the gateway may dial (ARCHITECTURE.md 1.2 and 1.9). */

import { BlockList, isIP } from "node:net";
import { cloudMetadata, neverDialled, notPublicV4, publicV6, translatedFrom } from "./networks.ts";

/** The word that stands for every public address in `egress.allow`. */
const publicWord = "public";

/** An address or network that cannot be read. */
export class NetworkInvalid extends Error {
  override readonly name = "NetworkInvalid";
}

export interface Egress {
  /** Whether an IP address, written as text, may be dialled; anything else may not. */
  readonly allows: (address: string) => boolean;
}

type Family = "ipv4" | "ipv6";

const familyOf = (address: string): Family | undefined => {
  switch (isIP(address)) {
    case 4:
      return "ipv4";
    case 6:
      return "ipv6";
    default:
      return undefined;
  }
};

const longestPrefix: Readonly<Record<Family, number>> = { ipv4: 32, ipv6: 128 };

/** Adds `ADDRESS` or `ADDRESS/BITS`. Throws {@link NetworkInvalid}. */
const addNetwork = (list: BlockList, network: string): void => {
  const [address = "", bits, more] = network.split("/");
  const family = familyOf(address);
  if (family === undefined || more !== undefined || address.includes("%")) throw new NetworkInvalid(`"${network}" is not a network`);
  const prefix = bits === undefined ? longestPrefix[family] : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  if (!(prefix <= longestPrefix[family])) throw new NetworkInvalid(`"${network}" has no valid prefix length`);
  list.addSubnet(address, prefix, family);
};

const listOf = (networks: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const network of networks) addNetwork(list, network);
  return list;
};

const never = listOf([...neverDialled, ...cloudMetadata, ...cloudMetadata.flatMap(translatedFrom)]);
const privateV4 = listOf(notPublicV4);
const mapped = listOf(["::ffff:0:0/96"]);
const openV6 = listOf(publicV6.global);
const reservedV6 = listOf(publicV6.except);

const isPublic = (address: string, family: Family): boolean => {
  // BlockList reads an IPv4-mapped address as the IPv4 address that it is.
  if (family === "ipv4" || mapped.check(address, family)) return !privateV4.check(address, family);
  return openV6.check(address, family) && !reservedV6.check(address, family);
};

const checkOf = (networks: readonly string[]): ((address: string) => boolean) => {
  const named = listOf(networks.filter((network) => network !== publicWord));
  const publicToo = networks.includes(publicWord);
  return (address) => {
    const bare = address.split("%", 1)[0] ?? ""; // a zone says on which link, not where
    const family = familyOf(bare);
    if (family === undefined || never.check(bare, family)) return false;
    return named.check(bare, family) || (publicToo && isPublic(bare, family));
  };
};

/**
 * Compiles `egress.allow`: networks as CIDR, single addresses, and the word `public`; undefined: public addresses only.
 * Throws {@link NetworkInvalid}.
 */
export const compileEgress = (allow: readonly string[] | undefined): Egress => ({ allows: checkOf(allow ?? [publicWord]) });
