/** Reading a sample ahead of the first call: tables are made while reading, and the first texts with secrets would wait some tenths of a second for them. */

import type { Program } from "./program.ts";

/** A little of everything that detectors begin attempts at: prose, settings, headers, code, addresses, numbers, and letters drawn by chance. */
const SAMPLE = [
  "The answer is that every model reads text in pieces, and people write to joe.doe@mail.example.org or call +49 30 1234567 about it.",
  "Please keep the password: correct-Horse7battery and the PIN 4711; the passport number is C01X00T47, his tax id 12 345 678 903.",
  "| name | number | date |\n|---|---|---|\n| Ann | 4111 1111 1111 1111 | 2026-11-21T02:13:07Z |\n| Bob | GB82 WEST 1234 5698 7654 32 | 10.0.0.17 |",
  '{"id":"chatcmpl-9xQ2","object":"chat.completion","created":1763690000,"choices":[{"index":0,"text":"Hello, world!","logprobs":null}]}',
  "DATABASE_URL=postgres://app:Tr0ub4dor@db.internal:5432/app\nAPI_KEY=\"q7Zp2LmX9vB4nT6kR1sW8yD3\"\nclient_secret: 'a8F3k-92Lq_x7Yt5Zp0Wm4Rb'",
  "Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
  "aws_access_key_id = AKIAQ3EGT7ZP5LMX9VB4\naws_secret_access_key = t6KR1sW8yD3q7Zp2LmX9vB4nT6kR1sW8yD3q7Zp2\nghp_x7Yt5Zp0Wm4RbA8f3k92Lqx7Yt5Zp0Wm4RbA",
  "sk-proj-Lq92x7Yt5Zp0Wm4RbA8f3k92Lqx7Yt5Zp0Wm4Rb xoxb-123456789012-1234567890123-AbCdEfGhIjKlMnOpQrStUvWx AIzaSyD3q7Zp2LmX9vB4nT6kR1sW8yD3q7Zp2Lm",
  "const token = await getToken(user.id); if (token.length > 20) { return `Bearer ${token}`; } // see https://docs.example.com/a/b?c=d#e",
  "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEAx7Yt5Zp0Wm4RbA8f3k92Lqx7Yt5Zp0Wm4RbA8f3k92Lq\n-----END RSA PRIVATE KEY-----\n",
  "dGhlIHBhc3N3b3JkIGlzIGh1bnRlcjIgYW5kIHRoZSBrZXkgaXMgc2stMTIzNDU2Nzg5MA== 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  "fe80::1ff:fe23:4567:890a 00:1B:44:11:3A:B7 bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa 123-45-6789 AB123456C",
].join("\n");

/** Reads the sample with a program, as a text and as JSON, so that most states that calls will need are there. Takes a few tenths of a second for the whole catalogue. */
export function warmUp(program: Program): void {
  if (program.empty) return;
  program.mask(SAMPLE);
  program.mask(JSON.stringify({ messages: SAMPLE.split("\n") }), "json");
}
