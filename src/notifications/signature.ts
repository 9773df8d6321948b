/** Signatures as Standard Webhooks has them (standardwebhooks.com, specification, "Signature scheme"). */

import { createHmac } from "node:crypto";

const secretPrefix = "whsec_";
const msPerSecond = 1_000;

export interface SignedHeaders {
  readonly "webhook-id": string;
  readonly "webhook-timestamp": string;
  readonly "webhook-signature": string;
}

/** Headers for a body; `secret` is base64, with or without its prefix. */
export const signedHeaders = (secret: string, id: string, body: string, at: number): SignedHeaders => {
  const key = Buffer.from(secret.startsWith(secretPrefix) ? secret.slice(secretPrefix.length) : secret, "base64");
  const timestamp = String(Math.floor(at / msPerSecond));
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
};
