/** Certificates made on the spot, so that no key stands in the repository: X.509 (RFC 5280) in DER, as little of it as TLS needs. */

import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

export interface Certificate {
  /** PEM. */
  readonly cert: string;
  /** PEM, PKCS #8. */
  readonly key: string;
  readonly issuer: { readonly name: string; readonly privateKey: KeyObject };
}

export interface CertificateOptions {
  /** The common name. */
  readonly name: string;
  /** Who signs; absent: it signs itself. */
  readonly by?: Certificate;
  /** Whether it may sign others. */
  readonly authority?: boolean;
}

/** Tags of ITU-T X.690 that occur here. */
const tags = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  oid: 0x06,
  text: 0x0c,
  time: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

const lengthOf = (length: number): Buffer =>
  length < 0x80 ? Buffer.from([length]) : length < 0x100 ? Buffer.from([0x81, length]) : Buffer.from([0x82, length >> 8, length & 0xff]);

const der = (tag: number, ...contents: readonly Buffer[]): Buffer => {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
};

const sequence = (...contents: readonly Buffer[]): Buffer => der(tags.sequence, ...contents);
const hex = (tag: number, bytes: string): Buffer => der(tag, Buffer.from(bytes, "hex"));
const bits = (bytes: Buffer): Buffer => der(tags.bits, Buffer.from([0]), bytes);

const ecdsaWithSha256 = sequence(hex(tags.oid, "2a8648ce3d040302"));
const commonName = (name: string): Buffer => sequence(der(tags.set, sequence(hex(tags.oid, "550403"), der(tags.text, Buffer.from(name)))));
const time = (text: string): Buffer => der(tags.time, Buffer.from(text));

const extension = (oid: string, value: Buffer): Buffer => sequence(hex(tags.oid, oid), der(tags.octets, value));
/** Subject alternative names: `localhost` and 127.0.0.1, under context tags 2 and 7. */
const localNames = extension("551d11", sequence(der(0x82, Buffer.from("localhost")), der(0x87, Buffer.from([127, 0, 0, 1]))));
const basicConstraints = (authority: boolean): Buffer => extension("551d13", authority ? sequence(hex(tags.boolean, "ff")) : sequence());

const pem = (bytes: Buffer): string => {
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
};

/** Makes a certificate for `localhost` and 127.0.0.1 with a fresh P-256 key, valid until 2049. */
export const makeCertificate = ({ name, by, authority = false }: CertificateOptions): Certificate => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const issuer = by?.issuer ?? { name, privateKey };
  const serial = der(tags.integer, Buffer.concat([Buffer.from([1]), randomBytes(8)]));
  const content = sequence(
    der(0xa0, hex(tags.integer, "02")),
    serial,
    ecdsaWithSha256,
    commonName(issuer.name),
    sequence(time("20200101000000Z"), time("20491231235959Z")),
    commonName(name),
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(localNames, basicConstraints(authority))),
  );
  const signature = sign("sha256", content, issuer.privateKey);
  return {
    cert: pem(sequence(content, ecdsaWithSha256, bits(signature))),
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    issuer: { name, privateKey },
  };
};
