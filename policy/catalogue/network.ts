/** Addresses of machines. */

import { ipv4, ipv6, mac } from "../detectors/network.ts";
import { type CatalogueEntry, family } from "./entry.ts";

const OCTET = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";

export const network: readonly CatalogueEntry[] = family(
  ["pii", "network"],
  [
    {
      name: "ipv4-address",
      label: "IP_ADDRESS",
      title: "IPv4 address",
      origin: "https://www.rfc-editor.org/rfc/rfc791",
      pattern: `(?<![A-Za-z\\d.])(?:${OCTET}\\.){3}${OCTET}(?:/(?:3[0-2]|[12]?\\d)(?!\\d))?(?![A-Za-z\\d])`,
      validator: ipv4,
      positive: ["192.0.2.44", "10.0.0.0/8", "from «203.0.113.7»."],
      negative: ["192.168.1.256", "1.2.3", "v1.2.3.4", "127.0.0.1", "0.0.0.0"],
    },
    {
      name: "ipv6-address",
      label: "IP_ADDRESS",
      title: "IPv6 address",
      origin: "https://www.rfc-editor.org/rfc/rfc4291#section-2.2",
      pattern:
        "(?<![A-Za-z\\d:.])(?:[0-9A-Fa-f]{1,4}|:):[0-9A-Fa-f:]{1,38}(?:(?:\\d{1,3}\\.){3}\\d{1,3})?(?:%[A-Za-z0-9_.-]{1,16})?(?:/\\d{1,3})?(?![A-Za-z\\d:])",
      validator: ipv6,
      positive: ["2001:db8::1", "fe80::1%eth0", "::ffff:192.0.2.1", "2001:db8:0:0:0:0:0:1/64"],
      negative: ["12:30:45", "std::vector", "::1::2", "a::b::c"],
    },
    {
      name: "mac-address",
      title: "MAC address",
      origin: "https://standards.ieee.org/products-programs/regauth/",
      pattern:
        "(?<![A-Za-z\\d:.-])(?:(?:[0-9A-Fa-f]{2}:){5}(?:[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}:)?[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{2}-){5}(?:[0-9A-Fa-f]{2}-[0-9A-Fa-f]{2}-)?[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{2} ){5}(?:[0-9A-Fa-f]{2} [0-9A-Fa-f]{2} )?[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{4}\\.){2,3}[0-9A-Fa-f]{4})(?![A-Za-z\\d:-])",
      validator: mac,
      positive: ["0a:1b:2c:3d:4e:5f", "01-23-45-67-89-AB", "0012.3456.789a", "A9 C5 D4 9F EB D3"],
      negative: ["00:00:00:00:00:00", "12:34:56", "12 34 56 78 90 12"],
    },
  ],
);
