/** Private keys and signed tokens: structures whose beginning is known and whose end may be far. */

import { type CatalogueEntry, credentials } from "./entry.ts";
import { key } from "./pattern.ts";
import { base64, lower, url64 } from "./sample.ts";

const BEGIN = "-----BEGIN (?:[A-Z0-9 ]{1,40} )?PRIVATE KEY(?: BLOCK)?-----";
const PEM = `-----BEGIN PRIVATE KEY-----«\n${base64(64)}\n${base64(44)}\n»-----END PRIVATE KEY-----`;

export const privateKeys: readonly CatalogueEntry[] = credentials("private-keys", [
  {
    name: "private-key",
    title: "Private key in PEM, with real or escaped line ends, quoted lines, or without an end",
    origin: "https://www.rfc-editor.org/rfc/rfc7468",
    // The body, headers and quotes included, up to its END line; without one, lines of base64 as long as they follow each other.
    pattern: `${BEGIN}(?<secret>(?:\\\\{1,2}[nr]|[\\s"'\`+,\\\\>|#*]){0,20}(?:[A-Za-z0-9+/=\\s"'\`+,\\\\>|#*:;.()<@_]|-(?!-)){40,}(?=-)|[A-Za-z0-9+/=]{40,}(?:[\\s"'\`+,\\\\>|#*]{1,16}[A-Za-z0-9+/=]{16,})*)`,
    block: true,
    positive: [PEM, PEM.replaceAll("\n", "\\n"), `-----BEGIN RSA PRIVATE KEY-----«\n${base64(64)}»`],
    negative: ["-----BEGIN PUBLIC KEY-----", "-----BEGIN PRIVATE KEY-----\n***\n"],
  },
  {
    name: "putty-private-key",
    label: "PRIVATE_KEY",
    title: "Private lines of a PuTTY key",
    origin: "https://the.earth.li/~sgtatham/putty/latest/htmldoc/AppendixC.html",
    pattern:
      "(?<![A-Za-z])Private-Lines: \\d{1,3}\\s{1,4}(?<secret>(?:[A-Za-z0-9+/=]+\\s{1,3}){1,60}Private-(?:MAC|Hash): [a-f0-9]{40,64})",
    block: true,
    positive: [`Private-Lines: 1\n«${base64(64)}\nPrivate-MAC: ${"0a".repeat(20)}»`],
    negative: ["Public-Lines: 1"],
  },
  {
    name: "age-secret-key",
    title: "age or WireGuard or Nkey private key",
    origin: "https://age-encryption.org/v1",
    pattern: key("AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}|S[ACNOPUX][A-Z2-7]{56}(?![A-Za-z0-9])"),
    flags: "i",
    positive: [`AGE-SECRET-KEY-1${"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L".repeat(2).slice(0, 58)}`],
    negative: ["AGE-SECRET-KEY-1SHORT"],
  },
  {
    name: "wireguard-private-key",
    title: "WireGuard private or preshared key",
    origin: "https://man7.org/linux/man-pages/man8/wg.8.html",
    pattern: "(?<![A-Za-z])(?:PrivateKey|PresharedKey)[ \\t]{0,4}=[ \\t]{0,4}(?<secret>[A-Za-z0-9+/]{42,43}=)",
    flags: "i",
    positive: [`PrivateKey = «${base64(43)}=»`],
    negative: ["PublicKey = none"],
  },
  {
    name: "jwk-private-member",
    title: "Private member of a JSON Web Key",
    origin: "https://www.rfc-editor.org/rfc/rfc7518#section-6",
    pattern: '(?<=")(?:d|p|q|dp|dq|qi|k)"[ \\t]{0,4}:\\s{0,8}"(?<secret>[A-Za-z0-9_-]{30,})(?=")',
    positive: [`{"kty":"EC","d":"«${url64(43)}»"}`],
    negative: ['{"d":"2026-01-01"}', '{"k":"value"}'],
  },
  {
    name: "encoded-private-key",
    label: "PRIVATE_KEY",
    title: "DER private key in base64",
    origin: "https://www.rfc-editor.org/rfc/rfc5958",
    pattern:
      "(?<![A-Za-z0-9+/])(?:MII[A-Za-z0-9+/]{1,6}IBA[A-Z]|MC4CAQAwBQYDK2V|MHcCAQEE|MIG[A-Za-z0-9]AgEAM|MI[A-Za-z0-9+/]{4,6}gEAM)[A-Za-z0-9+/=\\s]{40,}",
    positive: [`MIIBOgIBAAJB${base64(120)}`],
    negative: ["MIIDdzCCAl+gAwIBAgIE"],
  },
  {
    name: "jwt",
    title: "JSON Web Token, signed, unsigned or encrypted, also base64-wrapped",
    origin: "https://www.rfc-editor.org/rfc/rfc7519",
    pattern: key("ey[A-Za-z0-9_-]{12,}\\.(?:ey)?[A-Za-z0-9_-]{10,}(?:\\.[A-Za-z0-9_-]{0,}){0,3}|ZXlK[A-Za-z0-9+/_-]{30,}={0,2}"),
    positive: [`eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx${lower(20)}.${url64(43)}`],
    negative: ["eyJhbGciOiJIUzI1NiJ9", "eye.contact"],
  },
]);
