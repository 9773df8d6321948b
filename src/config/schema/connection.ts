/** The part of the schema that says where calls may go: connections. */

import { z } from "zod";
import { duration, list, name, notYet, text } from "./leaf.ts";
import type { SecretFields } from "./secret-field.ts";

const protocols = ["openai", "anthropic", "rest", "grpc", "connect"] as const;

const protocol = z
  .enum(protocols)
  .refine((value) => value === "openai", { error: ({ input }) => `the protocol ${String(input)}: not yet supported` })
  .describe("The upstream's protocol. Today: openai.");

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
  .describe("The address that calls go to; for openai what follows /v1 is appended.");

const timeouts = z
  .strictObject({
    connect: duration().prefault("5s").describe("Until connected, TLS included."),
    firstByte: duration().prefault("60s").describe("Until the answer begins."),
    idle: duration().prefault("60s").describe("Between two reads of an answer."),
    total: duration().prefault("15m").describe("For the whole call."),
  })
  .prefault({})
  .describe("Time limits towards the upstream.");

const descriptors = z.union([
  z.strictObject({ builtin: z.string() }),
  z.strictObject({ file: z.string() }),
  z.strictObject({ proto: z.array(z.string()) }),
  z.literal("reflection"),
]);

const host = z
  .string()
  .regex(/^[A-Za-z0-9.-]{1,253}$|^\[[0-9A-Fa-f:.]+\]$/, "must be a host name or address without port")
  .transform((value) => value.toLowerCase());

const pathPrefix = z
  .string()
  .regex(/^(?:\/[A-Za-z0-9._~!$&'()*+,;=:@-]+)+$/, "must be a path such as /churn, without a slash at its end")
  .refine((path) => !path.split("/").some((segment) => segment === "." || segment === ".."), "must not contain . or .. as a segment");

/** Protocol Buffers, language specification: a fully qualified name without a leading dot. */
const service = z
  .string()
  .max(256, "must be at most 256 characters")
  .regex(
    /^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*$/,
    "must be the full name of a service, such as inference.GRPCInferenceService",
  );

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
export const connection = (secrets: SecretFields) =>
  z
    .strictObject({
      name: name.describe("Unique; what policies and the header weir-connection call it."),
      protocol,
      upstream,
      http: z
        .enum(["1.1", "2"])
        .refine((version) => version === "1.1", 'http: "2" towards an upstream: not yet supported')
        .optional()
        .describe('HTTP version towards the upstream. Today: "1.1".'),
      credential: z
        .strictObject({
          header: headerName.describe("The header that carries it."),
          value: secrets.credential().describe(`Its value, such as "Bearer \${env:OPENAI_API_KEY}".`),
        })
        .optional()
        .describe("The connection's own credential. The caller's never reaches the upstream."),
      timeouts,
      descriptors: notYet(descriptors, "descriptors").describe("What gRPC messages look like. Not yet supported."),
      route,
      anonymous: z
        .boolean()
        .default(false)
        .describe("Callers without a credential are the identity `anonymous` here, which a policy must still allow by that name."),
    })
    .describe("One upstream.");
