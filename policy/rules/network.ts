/** Source networks: whether an address lies in one of several CIDR ranges (RFC 4632, RFC 4291). */

const v4Parts = 4;
const v6Groups = 8;
const v4Bits = 32;
const v6Bits = 128;
/** `::ffff:0:0/96`, RFC 4291 section 2.5.5.2: an IPv4 caller on a socket that takes both. */
const mappedPrefix = 0xffffn << 32n;

interface Address {
  readonly bits: typeof v4Bits | typeof v6Bits;
  readonly value: bigint;
}

/** A network that is none; `position` is where in the text. */
export class NetworkError extends Error {
  override readonly name = "NetworkError";
}

const decimal = (text: string, most: number): number | undefined => {
  const value = /^(?:0|[1-9]\d{0,2})$/.test(text) ? Number(text) : Number.NaN;
  return value <= most ? value : undefined;
};

const readV4 = (text: string): bigint | undefined => {
  const parts = text.split(".").map((part) => decimal(part, 255));
  if (parts.length !== v4Parts) return undefined;
  let value = 0n;
  for (const part of parts) {
    if (part === undefined) return undefined;
    value = (value << 8n) | BigInt(part);
  }
  return value;
};

/** The groups of one side of `::`; an IPv4 address may stand at the end of the whole. */
const readGroups = (text: string): readonly bigint[] | undefined => {
  if (text === "") return [];
  const groups: bigint[] = [];
  for (const part of text.split(":")) {
    const v4 = part.includes(".") ? readV4(part) : undefined;
    if (v4 !== undefined) groups.push(v4 >> 16n, v4 & 0xffffn);
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return groups;
};

const readV6 = (text: string): bigint | undefined => {
  const [head = "", tail, more] = text.split("::");
  if (more !== undefined) return undefined;
  const before = readGroups(head);
  const after = tail === undefined ? [] : readGroups(tail);
  if (before === undefined || after === undefined) return undefined;
  const missing = v6Groups - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...before, ...Array.from({ length: missing }, () => 0n), ...after];
  return groups.reduce((value, group) => (value << 16n) | group, 0n);
};

const readAddress = (text: string): Address | undefined => {
  if (!text.includes(":")) {
    const value = readV4(text);
    return value === undefined ? undefined : { bits: v4Bits, value };
  }
  const value = readV6(text.split("%", 1)[0] ?? "");
  if (value === undefined) return undefined;
  return value >> 32n === mappedPrefix >> 32n ? { bits: v4Bits, value: value & 0xffffffffn } : { bits: v6Bits, value };
};

interface Network extends Address {
  readonly drop: bigint;
}

const readNetwork = (text: string): Network => {
  const slash = text.indexOf("/");
  const address = readAddress(slash < 0 ? text : text.slice(0, slash));
  const length = slash < 0 ? address?.bits : decimal(text.slice(slash + 1), address?.bits ?? 0);
  if (address === undefined || length === undefined) throw new NetworkError(`${text} is no network: write 10.0.0.0/8 or 2001:db8::/32.`);
  const drop = BigInt(address.bits - length);
  return { bits: address.bits, value: address.value >> drop, drop };
};

/** A test for addresses as sockets tell them; what is no address lies nowhere. Throws {@link NetworkError}. */
export const compileNetworks = (networks: readonly string[]): ((address: string) => boolean) => {
  const compiled = networks.map(readNetwork);
  return (text) => {
    const address = readAddress(text);
    return address !== undefined && compiled.some(({ bits, value, drop }) => bits === address.bits && address.value >> drop === value);
  };
};
