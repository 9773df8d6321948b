/** Networks that are not the public internet, and addresses that nobody may have dialled for them. Sources: IANA's special-purpose address registries (RFC 6890). */

/** Never dialled, whatever a configuration allows. */
export const neverDialled: readonly string[] = [
  "0.0.0.0/8", // "this host": Linux connects it to loopback
  "169.254.0.0/16", // link-local, with most clouds' metadata services
  "224.0.0.0/4", // multicast
  "255.255.255.255", // broadcast
  "::", // unspecified: Linux connects it to loopback
  "fe80::/10", // link-local
  "ff00::/8", // multicast
];

/** Instance metadata and platform services: they hand credentials to whoever can ask from the machine. */
export const cloudMetadata: readonly string[] = [
  "169.254.169.254", // AWS, Azure, Google Cloud, Oracle, DigitalOcean, OpenStack
  "169.254.170.2", // AWS ECS task credentials
  "fd00:ec2::254", // AWS over IPv6
  "fd20:ce::254", // Google Cloud over IPv6
  "100.100.100.200", // Alibaba Cloud
  "168.63.129.16", // Azure's platform address
  "192.0.0.192", // Oracle Cloud's former address
];

/** IPv4 networks that are not public. */
export const notPublicV4: readonly string[] = [
  "10.0.0.0/8", // RFC 1918
  "100.64.0.0/10", // carrier-grade NAT, RFC 6598
  "127.0.0.0/8", // loopback
  "172.16.0.0/12", // RFC 1918
  "192.0.0.0/24", // IETF protocol assignments
  "192.0.2.0/24", // documentation
  "192.88.99.0/24", // 6to4 relays, withdrawn by RFC 7526
  "192.168.0.0/16", // RFC 1918
  "198.18.0.0/15", // benchmarking, RFC 2544
  "198.51.100.0/24", // documentation
  "203.0.113.0/24", // documentation
  "240.0.0.0/4", // reserved
];

/** IPv6: what is global unicast (RFC 4291 section 2.4), and what within it is not public or carries an IPv4 address elsewhere. */
export const publicV6 = {
  global: ["2000::/3"],
  except: [
    "2001::/23", // IETF protocol assignments, Teredo among them
    "2001:db8::/32", // documentation
    "2002::/16", // 6to4: an IPv4 address inside
    "3fff::/20", // documentation, RFC 9637
  ],
} as const;

/** Where translators put an IPv4 address into an IPv6 one: NAT64 (RFC 6052) and 6to4 (RFC 3056). Empty for IPv6 addresses. */
export const translatedFrom = (address: string): readonly string[] => {
  if (address.includes(":")) return [];
  const [a = 0, b = 0, c = 0, d = 0] = address.split(".").map(Number);
  const high = ((a << 8) | b).toString(16);
  const low = ((c << 8) | d).toString(16);
  return [`64:ff9b::${high}:${low}`, `2002:${high}:${low}::/48`];
};
