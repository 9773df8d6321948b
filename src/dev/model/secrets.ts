/** Made-up secrets and personal data in their real formats. None was ever valid; each is drawn anew. */

/** Numbers in [0, 1), as `Math.random` gives them. */
export type Random = () => number;

const digits = "0123456789";
const letters = "abcdefghijklmnopqrstuvwxyz";
const alphanumeric = `${letters}${letters.toUpperCase()}${digits}`;
/** RFC 4648 section 6: what AWS writes key ids in. */
const base32 = `${letters.toUpperCase()}234567`;
const base64Secret = `${alphanumeric}+/`;

const pick = (random: Random, from: string | readonly string[]): string => from[Math.floor(random() * from.length)] ?? "";
const drawn = (random: Random, from: string, count: number): string => Array.from({ length: count }, () => pick(random, from)).join("");

/** ISO/IEC 7812-1 annex B: the digit that makes the Luhn sum a multiple of ten. */
const luhnDigit = (body: string): string => {
  const sum = [...body].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return String((10 - (sum % 10)) % 10);
};

const cardNumber = (random: Random): string => {
  const body = `4${drawn(random, digits, 14)}`;
  return (body + luhnDigit(body)).replace(/(.{4})(?=.)/g, "$1 ");
};

/** ISO 13616: the remainder modulo 97 of the number with `DE00` moved to its end, letters as two digits. */
const germanIban = (random: Random): string => {
  const account = drawn(random, digits, 18);
  const check = 98 - Number(BigInt(`${account}131400`) % 97n);
  return `DE${String(check).padStart(2, "0")}${account}`.replace(/(.{4})(?=.)/g, "$1 ");
};

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

const jsonWebToken = (random: Random): string =>
  [
    encoded({ alg: "HS256", typ: "JWT" }),
    encoded({ sub: drawn(random, digits, 6), name: personName(random), iat: 1_700_000_000 }),
    drawn(random, `${alphanumeric}-_`, 43),
  ].join(".");

const givenNames = ["Amara", "Jonas", "Mei", "Rafael", "Sunniva", "Tariq"];
const familyNames = ["Okafor", "Lindqvist", "Tanaka", "Moreau", "Petrov", "Castellanos"];
const personName = (random: Random): string => `${pick(random, givenNames)} ${pick(random, familyNames)}`;

/** RFC 2606 keeps these domains out of use. */
const domains = ["example.com", "example.org", "mail.example.net"];

/** One of each kind; drawn together, because a story uses several. */
export interface Secrets {
  readonly person: string;
  readonly email: string;
  readonly card: string;
  readonly iban: string;
  readonly awsKeyId: string;
  readonly awsSecretKey: string;
  readonly githubToken: string;
  readonly jwt: string;
}

export const drawSecrets = (random: Random): Secrets => {
  const person = personName(random);
  return {
    person,
    email: `${person.toLowerCase().replace(" ", ".")}@${pick(random, domains)}`,
    card: cardNumber(random),
    iban: germanIban(random),
    awsKeyId: `AKIA${drawn(random, base32, 16)}`,
    awsSecretKey: drawn(random, base64Secret, 40),
    githubToken: `ghp_${drawn(random, alphanumeric, 36)}`,
    jwt: jsonWebToken(random),
  };
};
