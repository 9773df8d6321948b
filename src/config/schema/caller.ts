/** The parts of the schema that say who may call: issuers and identities. */

import { z } from "zod";
import { duration, list, name, text } from "./leaf.ts";
import type { SecretFields } from "./secret-field.ts";

const algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"] as const;

const httpUrl = z.url({ protocol: /^https?$/, error: "must be an http: or https: URL" });

/** An OpenID Connect issuer. */
export const issuer = z
  .strictObject({
    name: name.describe("What groups of this issuer are prefixed with, and what policies call it."),
    issuer: text.describe("What a token's `iss` must be; its keys are found by OIDC discovery, unless jwksUri says where they are."),
    jwksUri: httpUrl.optional().describe("Where the issuer's keys are, for issuers without discovery."),
    audience: z.union([text, list(text)]).describe("What a token's `aud` must contain: one value, or any of several."),
    algorithms: list(z.enum(algorithms, { error: `must be one of ${algorithms.join(", ")}: a shared secret cannot prove who signed` }))
      .default(["RS256", "ES256"])
      .describe("Signature algorithms that are accepted."),
    claims: z
      .strictObject({
        subject: text.default("sub").describe("The claim that names the caller."),
        groups: text.default("groups").describe("The claim that lists groups."),
        email: text.default("email").describe("The claim with an e-mail address."),
      })
      .prefault({})
      .describe("Which claims tell who someone is."),
    groups: z.array(text).default([]).describe("Groups the issuer may assert under their bare name; any other arrives as NAME/GROUP."),
    conditions: z
      .array(text)
      .default([])
      .describe(
        'CEL expressions over `claims`, every one of which must hold: claims.repository_id == "42" && claims.environment == "prod".',
      ),
    kinds: z
      .array(
        z.strictObject({
          when: text.describe('A CEL expression over `claims`: claims.sub.startsWith("system:serviceaccount:").'),
          kind: z.enum(["human", "ci", "service", "agent"]).describe("What such a caller is."),
        }),
      )
      .default([])
      .describe("What kind of caller a token is of, the first that fits. Absent: told by its standard claims."),
    maxTokenAge: duration().prefault("1h").describe("How long after it was issued a token is accepted, whatever its `exp`."),
  })
  .describe("An issuer of OpenID Connect tokens that says who a caller is.");

/** A service identity with an API key. */
export const identity = (secrets: SecretFields) =>
  z
    .strictObject({
      name: name.describe("Unique; what policies call it."),
      kind: z.enum(["human", "ci", "service", "agent"]).default("service").describe("What kind of caller it is."),
      groups: z.array(text).default([]).describe("The groups it is in."),
      owner: text
        .regex(/^[^/]+\/./, "must be ISSUER/SUBJECT")
        .optional()
        .describe("Who is responsible for it, as ISSUER/SUBJECT: they may not approve what it asks."),
      apiKey: secrets.whole().describe(`Its API key, at least 128 bits, as \${env:NAME} or \${file:PATH}; only its hash is kept.`),
    })
    .describe("An identity that cannot federate yet.");
