/** The part of the schema that says who is told of what: notifications. */

import { z } from "zod";
import { list, name } from "./leaf.ts";
import type { SecretFields } from "./secret-field.ts";

const event = z.enum([
  "approval.opened",
  "call.blocked",
  "credential.masked",
  "credential.revoked_used",
  "access.changed",
  "configuration.changed",
]);

/** Whoever is told. */
export const notification = (secrets: SecretFields) =>
  z
    .strictObject({
      name: name.describe("Unique; what the log calls it."),
      kind: z.enum(["webhook", "slack"]).describe("webhook: signed as Standard Webhooks has it. slack: an incoming webhook of Slack."),
      url: secrets.whole().describe(`Where messages are posted to, as \${env:NAME} or \${file:PATH}: Slack's addresses are secrets.`),
      secret: secrets.whole().optional().describe("Of a webhook: what its signature is made with, whsec_ and base64."),
      events: list(event).describe("What it is told of."),
    })
    .refine(({ kind, secret }) => kind !== "webhook" || secret !== undefined, {
      path: ["secret"],
      error: "a webhook needs a secret: its receiver must know who speaks",
    })
    .describe("Somebody who is told when something happens.");
