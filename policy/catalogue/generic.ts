/** Secrets known by their names alone: assignments, flags, headers, comparisons. */

import { secretValue } from "../detectors/secret-value.ts";
import { type CatalogueEntry, credentials } from "./entry.ts";
import { CAMEL_HARMLESS_NAMES, HARMLESS_NAMES, named, near } from "./pattern.ts";
import { alnum, hex } from "./sample.ts";
import { SERVICE_NAMES } from "./service-names.ts";

/**
 * Names that always mean a secret, where a word begins: mid-word starts cost a second attempt on every word. What is joined to other words in lower case
 * is spelled out; camel-cased and capital names have a list of their own.
 */
const JOINED =
  "(?:my|db|user|root|admin|auth|api|client|access|bot|app|session|refresh|bearer|default|git|gh|id|login|master|deploy|private|public|secret|service|web|any|new|old)?";
const NAMES =
  `(?<![A-Za-z])(?:${JOINED}(?:token(?![iI])|secret|credential|pass(?:word|wd|phrase|code))|(?:my|auth|api|client|access|bot|app|session|master|deploy|private|secret|service)key|securestring|passwort|kennwort|paasword|p(?:ass)?wrd|contrase[nñ]a|mot[ _]de[ _]passe|wachtwoord|l[oö]senord|has[lł]o|parola|[sş]ifre|密码|密碼|口令|パスワード|비밀번호|пароль` +
  "|(?:api|access|private|auth|signing|encryption|encrypt|crypt|aes|hmac|account|shared|license|licence|application|storage|consumer|write|read|ingest|integration|subscription|webhook|secure|security|server|developer|sdk|rest|project|ssh|gpg|pgp)[_. -]?(?:api[_. -]?)?key)|(?<=[A-Za-z])passw(?:or)?d";
const CAMEL_NAMES =
  "(?<=[a-z0-9])(?:Token|TOKEN|Secret|SECRET|Credential|Pass(?:word|wd|phrase|code)|(?:Api|API|Access|Auth|Private|Signing|Encryption|Shared|Account|Master|Session|License|Client)Key)|(?<=[A-Z])(?:TOKEN|SECRET|APIKEY)";
/** Short names, which stand alone or end a snake-cased or camel-cased name. */
const SHORT_NAMES =
  "(?<![A-Za-z])(?:p[wW][dD]?|P[wW][dD]?|pass|Pass|PASS|psw|PSW|pswd|senha|SENHA|Senha)|(?<=[a-z0-9])(?:Pwd?|Pass)|(?<=[A-Z0-9])PWD";
/** Names of many things, secrets among them. */
const DOUBTFUL_NAMES = `${NAMES}|(?<![A-Za-z])(?:key|auth|cred|salt|login|bearer|pat(?![A-Za-z]))`;
const DOUBTFUL_CAMEL_NAMES = `${CAMEL_NAMES}|(?<=[a-z0-9])(?:Key|KEY|Auth|Login|Salt)`;

/** What may follow a name within an identifier. Identifiers and hashes of secrets (`secretId`, `token_id`, `keyHash`) are no secrets. */
const TAIL = "(?:[A-Za-z0-9_.-]{0,24}(?:[A-CE-GI-Za-ce-gi-z0-9_.-]|[A-RT-Za-rt-z0-9_.-][Hh]|[OLAEROolaero][Dd]))?";
const TYPE = "(?:[ \\t]{0,2}:?[ \\t]{0,2}(?:[Ss]tring|str|text|&str|auto)\\b)?";
const CLOSE = "[\"'`\\\\\\])]{0,3}(?:\\[\\d{0,4}\\])?";
const ASSIGNED = "(?:[ \\t]{0,8}[-=:!?.|<>+]{0,4}[=:>][=>]?[ \\t]{0,8}|%3[AaDd]|>\\s{0,12})";
const SPOKEN = "[ \\t]{1,3}(?:is|was|are)?:?[ \\t]{0,3}";
const PASSED = "(?:[ \\t]{0,3},[ \\t]{0,3}|[ \\t]{0,2}\\([ \\t]{0,2})";
const OPEN = "(?:[bruf@]|new |\\()?(?:\\\\{0,3}|&quot;|&#3[49];)";

/** A value in one kind of quotes, which does not begin as the end of an expression does. */
const within = (quote: string): string =>
  `${quote}{1,3}(?<secret>(?![\\s+,;)${quote}])(?:[^${quote}\\n\\r\\\\]|\\\\[^${quote}\\n\\r\\\\nrt]){4,200})(?=[${quote}\\\\])`;
const QUOTED = `${OPEN}(?:${within('"')}|${within("'")}|${within("`")})`;
/** A value without quotes, up to a delimiter. The full stop, colon or bracket of the sentence around it is left where it is. */
const BARE = "(?<secret>[^\\s\"'`,;\\\\&<>(){}\\[\\]|=][^\\s\"'`,;\\\\&<]{2,}[^\\s\"'`,;\\\\&<.:)])[.:)]{0,2}(?![^\\s\"'`,;\\\\&<])";
const HTML_QUOTE = "(?:&quot;|&#3[49];)?";

/** A name and its value. A harmless name is matched by itself, so that no attempt begins inside it. */
const assigned = (names: string, harmless: string): string =>
  `${harmless}|(?:${names})${TAIL}${CLOSE}${TYPE}(?:${ASSIGNED}(?:${QUOTED}|${HTML_QUOTE}${BARE})|(?:${SPOKEN}|${PASSED})${QUOTED})`;
const beside = (names: string, harmless: string): string =>
  `${harmless}|(?:${names})${TAIL}${CLOSE}${TYPE}(?:${ASSIGNED}|${SPOKEN}|${PASSED})(?:${OPEN}["'\`])?${BARE}`;

const SAMPLE = "s3cr3t-Va1ue";

export const generic: readonly CatalogueEntry[] = credentials("generic-secrets", [
  {
    name: "assigned-secret",
    label: "SECRET",
    title: "Value of a secret's name",
    origin: "https://cwe.mitre.org/data/definitions/798.html",
    pattern: assigned(NAMES, HARMLESS_NAMES),
    flags: "i",
    validator: secretValue("named"),
    positive: [
      `API_TOKEN=«${SAMPLE}»`,
      `db_password = "«${SAMPLE}»"`,
      `'api_key' => '«${SAMPLE}»'`,
      "user=app password: «pa55w0rd#x»",
      "the api key: «abcd1234efgh5678».",
      "(token=«abcd1234efgh5678»)",
      `setProperty("X_TOKEN", "«${SAMPLE}»")`,
    ],
    negative: [
      "password = os.environ['DB_PASSWORD']",
      `token: \${{ secrets.TOKEN }}`,
      `password = "\${DB_PASSWORD}"`,
      "secret: <secret>",
      "password is required",
      "api_key = 'your-api-key-here'",
      'token_type = "bearer"',
      'password = ""',
      "tokenizer: cl100k_base",
      "max_tokens: 4096",
      "token_hash=DfNYpJTlQYDV8jaRjDArecnCI7BG2aX9",
      `csrf_token = "${alnum(40)}"`,
      `next_page_token=${alnum(24)}`,
      "max_tokens=128000",
      `password: "pre-{{ .Values.password }}"`,
    ],
  },
  {
    name: "assigned-secret-camel",
    label: "SECRET",
    title: "Value of a secret's name in camel case or joined capitals",
    origin: "https://cwe.mitre.org/data/definitions/798.html",
    pattern: assigned(CAMEL_NAMES, CAMEL_HARMLESS_NAMES),
    validator: secretValue("named"),
    positive: [`clientSecret := \`«${SAMPLE}»\``, `vendorToken=«${SAMPLE}»`],
    negative: ["getToken(user)", `nextPageToken = "${alnum(24)}"`, "PublicKeyToken=b77a5c561934e089", `const accessToken = \`\${token}\``],
  },
  {
    name: "numeric-password",
    label: "SECRET",
    title: "Password that is a number",
    origin: "https://cwe.mitre.org/data/definitions/521.html",
    pattern:
      "(?<![A-Za-z])(?:(?:db|user|root|admin|my)?pass(?:word|wd|code|phrase)?|passwort|pwd|pin(?:[_ -]?code)?)[\"'`\\\\]{0,2}(?:[ \\t]{0,4}(?:[:=]|=>)[ \\t]{0,4}|[ \\t]is[ \\t])[\"'`\\\\]{0,2}(?<secret>\\d{5,16})(?![A-Za-z\\d.,:-])",
    flags: "i",
    positive: ["password=«123456»", "your PIN is «90210»"],
    negative: ["pass 12345 of 12346 tests", "pin 12345", "pass_rate=0.98765432"],
  },
  {
    name: "spoken-password",
    label: "SECRET",
    title: "Value behind a password's name and a space, as on command lines and in prose",
    origin: "https://cwe.mitre.org/data/definitions/214.html",
    pattern: `(?<![A-Za-z])(?:pass(?:word|wd|phrase|code)|passwort|secret)${SPOKEN}${BARE}`,
    flags: "i",
    validator: secretValue("named"),
    positive: [`--password «${SAMPLE}»`, `the password is «${SAMPLE}»`],
    negative: ["password is required", "secret of the sea"],
  },
  {
    name: "assigned-password",
    label: "SECRET",
    title: "Value of a short password name",
    origin: "https://cwe.mitre.org/data/definitions/798.html",
    pattern: `(?:${SHORT_NAMES})(?:[_.\\d-][A-Za-z0-9_.-]{0,16})?${CLOSE}(?:${ASSIGNED}(?:${OPEN}["'\`])?|${SPOKEN}|${PASSED}["'])${BARE}`,
    validator: secretValue("named"),
    positive: [`ID:app PW:«${SAMPLE}»`, `dbPass = '«${SAMPLE}»'`],
    negative: ["pass through", "pwd: /home/user", "bypass=on"],
  },
  {
    name: "drawn-key",
    label: "SECRET",
    title: "Value drawn by a machine behind a name such as key",
    origin: "https://cwe.mitre.org/data/definitions/798.html",
    pattern: beside(DOUBTFUL_NAMES, HARMLESS_NAMES),
    flags: "i",
    validator: secretValue("drawn"),
    positive: [`weather KEY «${hex(32)}»`, `maps_key = "«${alnum(28)}»"`],
    negative: ["key = value", "monkey: banana", `public_key = "${hex(64)}"`, `key: images/${hex(32)}.png`, "key: HashMap<String, Vec<u8>>"],
  },
  {
    name: "drawn-key-camel",
    label: "SECRET",
    title: "Value drawn by a machine behind a camel-cased name such as mapsKey",
    origin: "https://cwe.mitre.org/data/definitions/798.html",
    pattern: beside(DOUBTFUL_CAMEL_NAMES, CAMEL_HARMLESS_NAMES),
    validator: secretValue("drawn"),
    positive: [`mapsKey = "«${alnum(28)}»"`],
    negative: ["schemaKey = 'DOC_Vector_5_32'", `cacheKey = "${hex(32)}"`],
  },
  {
    name: "quoted-password",
    label: "SECRET",
    title: "Word in quotes behind the name of a password",
    origin: "https://cwe.mitre.org/data/definitions/259.html",
    pattern: `(?<![A-Za-z])(?:passw(?:or)?d(?:_[a-z_]{1,24})?|passphrase|(?:aws_)?secret_access_key|api_key)["']?[ \\t]{0,4}(?:[:=]|=>)?[ \\t]{0,4}["'](?<secret>[a-z]{6,20}(?: [a-z]{1,20}){0,9})(?=["'])`,
    flags: "i",
    validator: secretValue("quoted"),
    positive: ["password '«letmeinnow»'", '"password": "«dragonfly»"'],
    negative: ['"password": "required"', "password = 'string'"],
  },
  {
    name: "environment-password",
    label: "SECRET",
    title: "Word behind the name of a password in a file of environment variables",
    origin: "https://12factor.net/config",
    pattern: "(?<![A-Za-z])(?:PASSWORD|PASSWD|PASSPHRASE)=(?<secret>[a-z]{6,20})(?![A-Za-z0-9_.(\\[-])",
    validator: secretValue("quoted"),
    positive: ["DB_PASSWORD=«letmeinnow»"],
    negative: ["PASSWORD=password", "password=whatever"],
  },
  {
    name: "licence-key",
    title: "Licence or activation key in groups",
    origin: "https://learn.microsoft.com/en-us/windows-server/get-started/kms-client-activation-keys",
    pattern: near("key|licen[cs]e|serial|activation", "[A-Z0-9]{5,8}(?:-[A-Z0-9]{5,8}){3,5}", 12),
    flags: "i",
    positive: ["Activation key: «QWERT-ASDFG-ZXCVB-POIUY-MNBVC»"],
    negative: ["key-value", "license: Apache"],
  },
  {
    name: "joined-key",
    label: "SECRET",
    title: "Value drawn by a machine, joined to the word key or secret",
    origin: "https://cwe.mitre.org/data/definitions/798.html",
    pattern: "(?<![A-Za-z0-9_.])(?:key|secret|token)-(?<secret>[A-Za-z0-9-]{24,64})(?![A-Za-z0-9-])",
    flags: "i",
    validator: secretValue("drawn"),
    positive: [`app-secret-«${hex(32)}»`],
    negative: ["secret-manager-of-the-organisation", "key-value-store-for-many-things"],
  },
  {
    name: "service-key",
    title: "Value drawn by a machine behind the name of a service",
    origin: "https://github.com/public-apis/public-apis",
    pattern: named(SERVICE_NAMES, "[A-Za-z0-9][A-Za-z0-9._~+/=-]{14,}(?![A-Za-z0-9._~+/=-])"),
    flags: "i",
    validator: secretValue("drawn"),
    positive: [`mailjet «${hex(32)}»`, `TELNYX = "«${alnum(40)}»"`],
    negative: ["stripe: payments", "https://api.mapbox.com/styles/v1/mapbox/streets"],
  },
  {
    name: "compared-secret",
    label: "SECRET",
    title: "Literal compared with a secret's name",
    origin: "https://cwe.mitre.org/data/definitions/798.html",
    pattern: `(?<=")(?<secret>[^"'\\s\\\\:,)}\\]][^"'\\s\\\\]{5,79})"[ \\t]{0,2}[!=]==?[ \\t]{0,2}[A-Za-z0-9_.]{0,24}?(?:password|passwd|secret|token|api_?key|db_pass|private_key)`,
    flags: "i",
    validator: secretValue("named"),
    positive: [`if ("«${SAMPLE}»" == password) {`],
    negative: ['if ("admin" == user) {', 'if ("string" == password_type) {'],
  },
]);
