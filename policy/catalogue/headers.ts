/** Credentials in HTTP headers, command lines and SQL, and password hashes. */

import { secretValue } from "../detectors/secret-value.ts";
import { type CatalogueEntry, credentials } from "./entry.ts";
import { HARMLESS_NAMES, START } from "./pattern.ts";
import { alnum, base64, hex } from "./sample.ts";

const HEADER_VALUE = `["']?:[ \\t]{0,3}["']?(?<secret>[A-Za-z0-9._~+/=-]{7,}[A-Za-z0-9_~+/=-])\\.?(?![A-Za-z0-9._~+/=-])`;

export const headers: readonly CatalogueEntry[] = credentials("generic-secrets", [
  {
    name: "authorization-header",
    title: "Credential of an Authorization header",
    origin: "https://www.rfc-editor.org/rfc/rfc9110#section-11.6.2",
    pattern: `${START}(?:Proxy-)?Authorization["'\`\\]]{0,2}[ \\t]{0,3}[:=,][ \\t]{0,3}["'\`]?(?:(?:Basic|Bearer|Token|ApiKey|Api-Key|Digest|SSWS|Key|Negotiate|NTLM|GenieKey|OAuth|JWT)[ \\t]{1,3})?(?:token=)?["']?(?<secret>[A-Za-z0-9._~+/=@:!-]{6,}|[^\\s"'\`,;\\\\<>{}$]{6,200})(?![^\\s"'\`,;\\\\<>{}$])`,
    flags: "i",
    validator: secretValue("named"),
    positive: [`Authorization: Bearer «${alnum(24)}»`, `"Authorization": "Basic «${base64(24)}»"`],
    negative: ["Authorization: Bearer XXXXXXXXXXXX", "Authorization: required"],
  },
  {
    name: "bearer-token",
    title: "Bearer or basic credential without its header",
    origin: "https://www.rfc-editor.org/rfc/rfc6750",
    pattern: `${START}(?:Bearer|Basic|SSWS|GenieKey)[ \\t]{1,3}(?<secret>[A-Za-z0-9._~+/=-]{15,}[A-Za-z0-9_~+/=-])\\.?(?![A-Za-z0-9._~+/=-])`,
    flags: "i",
    validator: secretValue("drawn"),
    positive: [`bearer «${alnum(32)}»`, `bearer «${alnum(32)}».`],
    negative: ["bearer of good news today", "basic understanding"],
  },
  {
    name: "curl-user",
    title: "User and password of a curl command",
    origin: "https://curl.se/docs/manpage.html#-u",
    pattern: `(?<![A-Za-z0-9-])(?:-u|-U|--user|--proxy-user)[ \\t=]{0,4}(?:["'](?<secret>[^\\s"':]{1,64}:[^\\s"']{4,128})(?=["'])|(?<secret>[^\\s"':$]{1,64}:[^\\s"']{4,128})(?![^\\s"']))`,
    validator: secretValue("pair"),
    positive: ["curl -u «app:s3cr3tVa1ue» https://example.com", "curl --user '«app:s3cr3tVa1ue»' https://example.com"],
    negative: ['curl -u "$USER:$PASSWORD" https://example.com', "curl -u app https://example.com"],
  },
  {
    name: "header-key",
    title: "Value of a header named after a key, token or secret",
    origin: "https://datatracker.ietf.org/doc/html/rfc6648",
    pattern: `${HARMLESS_NAMES}|(?<![A-Za-z])(?:(?:api|auth|access|private|secret|session)-?)?(?:key|token|secret)${HEADER_VALUE}`,
    flags: "i",
    validator: secretValue("named"),
    positive: [`X-Api-Key: «${alnum(24)}»`, `the api-key: «${alnum(24)}».`],
    negative: ["X-Api-Key: your-key", `X-CSRF-Token: ${hex(32)}`, `"nextPageToken": "${alnum(24)}"`, "token: 1234567890"],
  },
  {
    name: "sql-password",
    title: "Password of an SQL statement",
    origin: "https://dev.mysql.com/doc/refman/8.4/en/create-user.html",
    pattern:
      "(?<![A-Za-z])IDENTIFIED[ \\t]{1,4}(?:WITH[ \\t]{1,4}[\"'A-Za-z0-9_]{1,40}[ \\t]{1,4})?BY[ \\t]{1,4}(?:PASSWORD[ \\t]{1,4})?[\"'`\\\\]{0,2}(?<secret>[^\\s\"'`;\\\\]{4,128})(?=[\\s\"'`;\\\\]|$)",
    flags: "i",
    validator: secretValue("named"),
    positive: ["CREATE USER app IDENTIFIED BY '«s3cr3tVa1ue»';"],
    negative: ["IDENTIFIED BY '%s'", "identified by name"],
  },
  {
    name: "password-hash",
    title: "Password hash in modular crypt format, Kerberos or LDAP form",
    origin: "https://man7.org/linux/man-pages/man5/crypt.5.html",
    pattern:
      "(?<![A-Za-z0-9$])(?:\\$(?:2[abxy]?|2)\\$\\d\\d\\$[./A-Za-z0-9]{53}|\\$(?:1|5|6|7|8|9|y|gy|sha1|md5|apr1|scrypt|pbkdf2(?:-sha\\d{3})?|P|H|S|bcrypt-sha256|argon2(?:id|i|d))\\$[./A-Za-z0-9,=+$-]{20,300}|\\$[PHS]\\$[./A-Za-z0-9]{31,52}|\\$krb5[a-z0-9]{2,12}\\$[^\\s\"']{20,}|\\{(?:SSHA|SHA|SMD5|MD5|CRYPT|SSHA256|SSHA512)\\}[A-Za-z0-9+/$.]{20,}={0,2}|pbkdf2_sha\\d{1,3}\\$\\d{2,8}\\$[A-Za-z0-9+/]{4,64}\\$[A-Za-z0-9+/]{20,100}={0,2}|[a-f0-9]{32}:[a-f0-9]{32}:::)",
    positive: [
      `$2b$12$${alnum(53)}`,
      `$6$saltsalt$${alnum(86)}`,
      `$argon2id$v=19$m=65536,t=3,p=4$${alnum(22)}$${alnum(43)}`,
      `{SSHA}${base64(32)}`,
    ],
    negative: ["$2 and $5", "cost $100"],
  },
  {
    name: "ntlm-message",
    title: "NTLM message",
    origin: "https://learn.microsoft.com/en-us/openspecs/windows_protocols/ms-nlmp/",
    pattern: `${START}TlRMTVNTUAAD[A-Za-z0-9+/]{40,}={0,2}`,
    positive: [`TlRMTVNTUAAD${base64(80)}`],
    negative: ["TlRMTVNTUAABAAAA"],
  },
  {
    name: "byte-array-secret",
    title: "Key given as a list of bytes",
    origin: "https://cwe.mitre.org/data/definitions/321.html",
    pattern:
      "(?:(?<![A-Za-z])(?:[kK]ey|KEY|[sS]ecret|SECRET|[sS]alt|SALT|[pP]assword)|(?<=[A-Za-z0-9])(?:Key|KEY|Secret|SECRET|Salt|Password))[A-Za-z0-9_\\[\\]() =:<>.]{0,40}[{\\[(][ \\t\\r\\n]{0,8}(?<secret>(?:(?:\\(byte\\)[ ]?)?0?x?[0-9A-Fa-f]{2,3},\\s{0,8}){7,}(?:0?x?[0-9A-Fa-f]{2,3}))",
    positive: ["byte[] aesKey = {«0x1a, 0x2b, 0x3c, 0x4d, 0x5e, 0x6f, 0x70, 0x81»}"],
    negative: ["key = {1, 2, 3}", `key = [${hex(4)}]`],
  },
]);
