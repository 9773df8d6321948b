/** The part of the schema that says where calls may go: connections. */

import { z } from "zod";
import { duration, list, name, text } from "./leaf.ts";
import { descriptors, service } from "./messages.ts";
import { operation } from "./operation.ts";
import type { SecretFields } from "./secret-field.ts";

const protocols = ["openai", "anthropic", "rest", "grpc", "connect"] as const;

const protocol = z
  .enum(protocols)
  .describe(
    "The upstream's protocol. grpc and connect pass on whichever of gRPC, gRPC-Web and Connect the caller speaks; the upstream must speak it too.",
  );

/** RFC 9110 section 5.1 says what a field name is. */
const headerName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/, "must be the name of a header")
  .transform((header) => header.toLowerCase());

const upstream = z
  .url({ protocol: /^https?$/, error: "must be an http: or https: URL" })
  .refine((url) => !/[?#]/.test(url), "must have neither a query nor a fragment")
  .refine(
    (url) => !URL.canParse(url) || (new URL(url).username === "" && new URL(url).password === ""),
    "must have no user or password: use credential",
  )
  .transform((url) => url.replace(/\/+$/, ""))
  .describe("The address that calls go to; for openai and anthropic what follows /v1 is appended.");

const timeouts = z
  .strictObject({
    connect: duration().prefault("5s").describe("Until connected, TLS included."),
    firstByte: duration().prefault("60s").describe("Until the answer begins."),
    idle: duration().prefault("60s").describe("Between two reads of an answer."),
    total: duration().prefault("15m").describe("For the whole call."),
  })
  .prefault({})
  .describe("Time limits towards the upstream.");

const host = z
  .string()
  .regex(/^[A-Za-z0-9.-]{1,253}$|^\[[0-9A-Fa-f:.]+\]$/, "must be a host name or address without port")
  .transform((value) => value.toLowerCase());

const pathPrefix = z
  .string()
  .regex(/^(?:\/[A-Za-z0-9._~!$&'()*+,;=:@-]+)+$/, "must be a path such as /churn, without a slash at its end")
  .refine((path) => !path.split("/").some((segment) => segment === "." || segment === ".."), "must not contain . or .. as a segment");

const route = z
  .strictObject({
    models: list(text).optional().describe("Globs of models that lead here when several openai connections could be meant."),
    hosts: list(host).optional().describe("Host names that lead here."),
    paths: list(pathPrefix).optional().describe("Path prefixes that lead here; they are taken off. /NAME does too."),
    services: list(service).optional().describe("RPC services that lead here, by their full name: inference.GRPCInferenceService."),
  })
  .prefault({})
  .describe("What leads to this connection (ARCHITECTURE.md 1.3).");

/** One upstream. */
export const connection = (secrets: Pick<SecretFields, "credential">) =>
  z
    .strictObject({
      name: name.describe("Unique; what policies and the header weir-connection call it."),
      protocol,
      upstream,
      http: z
        .enum(["1.1", "2"])
        .optional()
        .describe(
          'HTTP version towards the upstream, for grpc and connect; the others are asked by "1.1". Absent: "2" for grpc, else "1.1".',
        ),
      credential: z
        .strictObject({
          header: headerName.describe("The header that carries it."),
          value: secrets.credential().describe(`Its value, such as "Bearer \${env:OPENAI_API_KEY}".`),
        })
        .optional()
        .describe("The connection's own credential. The caller's never reaches the upstream."),
      timeouts,
      descriptors: descriptors.optional(),
      operations: list(operation)
        .optional()
        .describe(
          "Names of operations by path, for rest; any other path then needs its exact name (`POST /path`) in a policy. Absent: dialects name them.",
        ),
      route,
      anonymous: z
        .boolean()
        .default(false)
        .describe("Callers without a credential are the identity `anonymous` here, which a policy must still allow by that name."),
    })
    .describe("One upstream.");
