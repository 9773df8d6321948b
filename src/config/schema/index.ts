/** The schema of `weir.yaml` (ARCHITECTURE.md 1.2). */

import { z } from "zod";
import type { ReferenceSources } from "../references.ts";
import { identity, issuer } from "./caller.ts";
import { connection } from "./connection.ts";
import { admin, database, dataDir, egress, encryptionKey, listen, recording, roles } from "./gateway.ts";
import { notification } from "./notification.ts";
import { policy } from "./policy.ts";
import { literalSecrets, secretFields } from "./secret-field.ts";

/** The schema for one reading of the file: secret fields are resolved from `sources` as they are parsed. */
export const configSchema = (sources: ReferenceSources) => {
  const secrets = secretFields(sources);
  return z.strictObject({
    listen: listen(secrets).prefault({}),
    admin: admin.prefault({}),
    database: database(secrets).default("embedded"),
    dataDir: dataDir.default("./.weir"),
    encryptionKey: encryptionKey(secrets),
    egress: egress.optional(),
    roles: roles.prefault({}),
    recording: recording.prefault({}),
    issuers: z.array(issuer).default([]).describe("Who may say who a caller is."),
    identities: z.array(identity(secrets)).default([]).describe("Identities with an API key, for what cannot federate yet."),
    connections: z.array(connection(secrets)).default([]).describe("The upstreams."),
    policies: z.array(policy).default([]).describe("Who may ask what. Nothing is allowed until a policy allows it, and any deny wins."),
    notifications: z.array(notification(secrets)).default([]).describe("Who is told when something happens."),
  });
};

/** The schema of what may be declared beside the file: the sections of `weir.yaml` that hold it, with secrets themselves where a file has references. */
export const declaredSchema = z.strictObject({
  issuers: z.array(issuer),
  connections: z.array(connection(literalSecrets)),
  policies: z.array(policy),
});

/** A file that has the right shape, defaults filled in and secrets resolved. */
export type Parsed = z.output<ReturnType<typeof configSchema>>;
/** The name of a top-level key. */
export type Section = keyof Parsed;
