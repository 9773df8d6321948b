/** The parts of the schema that are about the gateway itself. */

import { z } from "zod";
import { isNetwork } from "../network.ts";
import { address, list, name, notYet, port, text } from "./leaf.ts";
import type { SecretFields } from "./secret-field.ts";

const tls = (secrets: SecretFields) =>
  z
    .strictObject({
      cert: secrets.pem().describe("The certificate with its intermediates, PEM: a path relative to this file, or a reference."),
      key: secrets.pem().describe("Its private key, PEM without passphrase: a path relative to this file, or a reference."),
      clientCa: secrets
        .pem()
        .optional()
        .describe(
          "Authorities whose client certificates are taken, PEM: a path or a reference. Absent: nobody is asked for a certificate.",
        ),
    })
    .describe("TLS on the port, and nothing in clear text. Certificates are read again on SIGHUP.");

const endpoint = (defaults: { readonly address: string; readonly port: number }) => ({
  address: address.default(defaults.address).describe("The address to listen on."),
  port: port.default(defaults.port).describe("The port to listen on; 0: any free one."),
});

/** Where the gateway listens. */
export const listen = (secrets: SecretFields) =>
  z
    .strictObject({ ...endpoint({ address: "127.0.0.1", port: 8080 }), tls: tls(secrets).optional() })
    .describe("Where callers connect: one port for every protocol.");

/** An address that links begin with. */
const origin = z
  .url({ protocol: /^https?$/, error: "must be an http: or https: URL" })
  .refine((url) => !/[?#@]/.test(url), "must have neither a user, a query nor a fragment")
  .transform((url) => url.replace(/\/+$/, ""));

/** Where the management API listens. */
export const admin = z
  .strictObject({
    ...endpoint({ address: "127.0.0.1", port: 8081 }),
    url: origin.optional().describe("Where people reach it, for links in messages. Absent: its address and port."),
    tls: notYet(z.record(z.string(), z.unknown()), "TLS on the admin listener").describe("Not yet supported: put TLS in front of it."),
  })
  .describe("The management API and metrics: an origin of its own, never the one that carries upstream answers.");

export const database = (secrets: SecretFields) =>
  z
    .union([z.literal("embedded"), secrets.database()])
    .describe(
      `The word embedded: a PostgreSQL of the gateway's own under dataDir. Else a postgres:// URL, its password as \${env:NAME} or \${file:PATH}.`,
    );

export const dataDir = z
  .string()
  .min(1, "must not be empty")
  .describe("The folder of the journal and the embedded database; persistent for every replica. Relative to this file.");

export const encryptionKey = (secrets: SecretFields) =>
  secrets
    .whole()
    .describe("32 bytes in base64, not under dataDir; seals credentials and recorded text. Make one with `openssl rand -base64 32`.");

/** Networks that may be dialled. */
export const egress = z
  .strictObject({
    allow: list(z.string().refine(isNetwork, "must be a network such as 10.0.0.0/8 or fd00::/8, or the word public")).describe(
      "Networks, as CIDR or the word `public`.",
    ),
  })
  .describe(
    "Networks that upstreams and issuers may lie in. Absent: public addresses. Link-local and metadata addresses are never dialled.",
  );

/** Who holds which role. */
export const roles = z
  .strictObject({
    admin: z.array(text).default([]).describe("Groups that may configure."),
    reviewer: z.array(text).default([]).describe("Groups that may approve requests; never their own."),
    auditor: z.array(text).default([]).describe("Groups that may read recorded texts; each reading is recorded."),
  })
  .describe("Roles, by group.");

/** How everything is recorded. */
export const recording = z
  .strictObject({
    durability: z
      .enum(["process", "disk"])
      .default("process")
      .describe("process: a record survives the process being killed. disk: it has reached the disk before the call goes on."),
    detectors: list(name).default(["all"]).describe("Packs or single detectors that mask every record, whatever a policy says."),
  })
  .describe("How everything is recorded.");
