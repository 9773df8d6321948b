/** Which addresses may be dialled (ARCHITECTURE.md 1.2 and 1.9). */

import { BlockList, isIP } from "node:net";
import type { Egress } from "./config.ts";

/** The word for every address of the public internet. */
const publicWord = "public";

/** Link-local and metadata addresses: never dialled, whatever a configuration says. RFC 3927, RFC 4291 section 2.5.6, and the clouds' documents. */
const never: readonly string[] = [
  "169.254.0.0/16",
  "fe80::/10",
  "fd00:ec2::254/128",
  "100.100.100.200/32",
  "168.63.129.16/32",
  "192.0.0.192/32",
];

/** What is not public: IANA's special-purpose registries (RFC 6890 and its updates), multicast, and IPv6 forms that carry an IPv4 address. */
const special: readonly string[] = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/3",
  "::/96",
  "64:ff9b::/96",
  "64:ff9b:1::/48",
  "100::/64",
  "2001::/23",
  "2001:db8::/32",
  "2002::/16",
  "3fff::/20",
  "5f00::/16",
  "fc00::/7",
  "fec0::/10",
  "ff00::/8",
];

interface Network {
  readonly address: string;
  readonly prefix: number;
  readonly family: "ipv4" | "ipv6";
}

const bits = { ipv4: 32, ipv6: 128 } as const;

const parseNetwork = (text: string): Network | undefined => {
  const found = /^(?<address>[0-9A-Fa-f:.]+)(?:\/(?<prefix>[0-9]{1,3}))?$/.exec(text)?.groups;
  const address = found?.address ?? "";
  if (isIP(address) === 0) return undefined;
  const family = isIP(address) === 4 ? "ipv4" : "ipv6";
  const prefix = Number(found?.prefix ?? bits[family]);
  return prefix <= bits[family] ? { address, prefix, family } : undefined;
};

/** Whether a text is something that `egress.allow` takes. */
export const isNetwork = (text: string): boolean => text === publicWord || parseNetwork(text) !== undefined;

const blockList = (networks: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const text of networks) {
    const network = parseNetwork(text);
    if (network !== undefined) list.addSubnet(network.address, network.prefix, network.family);
  }
  return list;
};

const neverList = blockList(never);
const specialList = blockList(special);

const holds = (list: BlockList, address: string): boolean => list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");

/** An IPv4 address written as IPv6 (RFC 4291 section 2.5.5.2) is that IPv4 address: it must not slip past rules written for either. */
const unmapped = (address: string): string => {
  if (isIP(address) !== 6 || !address.toLowerCase().includes("ffff")) return address;
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const found = /^::ffff:(?<high>[0-9a-f]{1,4}):(?<low>[0-9a-f]{1,4})$/.exec(canonical)?.groups;
  if (found === undefined) return address;
  const value = [found.high, found.low].map((part) => Number.parseInt(part ?? "0", 16));
  return value.flatMap((part) => [part >> 8, part & 0xff]).join(".");
};

/** Whether a network lies wholly in what is never dialled, so that allowing it could not be kept. */
export const isNeverDialled = (text: string): boolean => {
  const network = parseNetwork(text);
  return network !== undefined && holds(neverList, unmapped(network.address));
};

/**
 * A test for addresses, written as text, that may be dialled. Without `allow`: public ones. Anything that is no IP address: false.
 * To be asked of the resolved address that is connected to, at every connection.
 */
export const egressCheck = ({ allow }: Egress): ((address: string) => boolean) => {
  const allowed = blockList(allow ?? []);
  const anyPublic = allow === undefined || allow.includes(publicWord);
  return (written) => {
    const address = unmapped(written.split("%", 1)[0] ?? "");
    if (isIP(address) === 0 || holds(neverList, address)) return false;
    return (anyPublic && !holds(specialList, address)) || holds(allowed, address);
  };
};
