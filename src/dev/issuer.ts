/**
 * The development issuer: gives tokens to made-up people, so that sign-in by OpenID Connect can be tried at once. It is reached on loopback only, checks
 * the `Host` header (a page in a browser cannot reach it through a name of its own), and asks for the folder's API key as the client's secret.
 */

import { timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { importJWK, SignJWT } from "jose";
import { z } from "zod";
import type { DevelopmentSecrets } from "./folder.ts";
import { listen } from "./listen.ts";

/** What its tokens are meant for. */
export const developmentAudience = "weir";
const tokenSeconds = 3_600;
const msPerSecond = 1_000;
/** A form with four short fields. */
const largestForm = 16 * 1024;

/** Who there is, with their groups: one who may do everything, one who may only ask, one who may nothing. */
export const people: Readonly<Record<string, readonly string[]>> = { alice: ["developers"], bob: ["guests"], mallory: [] };

export interface DevelopmentIssuer {
  readonly url: string;
  close(): Promise<void>;
}

const tokenForm = z.object({
  grant_type: z.literal("client_credentials"),
  client_id: z.string().refine((name) => Object.hasOwn(people, name)),
  client_secret: z.string(),
});

const send = (response: ServerResponse, status: number, value: object): void => {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" }).end(JSON.stringify(value));
};

const readForm = async (request: IncomingMessage): Promise<Record<string, string>> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > largestForm) return {};
    chunks.push(chunk);
  }
  return Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString("utf8")));
};

const isEqual = (left: string, right: string): boolean =>
  left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));

const tokenFor = async (name: string, issuer: string, { signingKey }: DevelopmentSecrets): Promise<string> =>
  new SignJWT({ groups: people[name], email: `${name}@example.com`, email_verified: true })
    .setProtectedHeader({ alg: "ES256", kid: signingKey.kid, typ: "at+jwt" })
    .setIssuer(issuer)
    .setSubject(name)
    .setAudience(developmentAudience)
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / msPerSecond) + tokenSeconds)
    .sign(await importJWK(signingKey, "ES256"));

const answerToken = async (
  request: IncomingMessage,
  response: ServerResponse,
  issuer: string,
  secrets: DevelopmentSecrets,
): Promise<void> => {
  const form = tokenForm.safeParse(await readForm(request));
  if (!form.success) return send(response, 400, { error: "invalid_request" });
  if (!isEqual(form.data.client_secret, secrets.apiKey)) return send(response, 401, { error: "invalid_client" });
  const token = await tokenFor(form.data.client_id, issuer, secrets);
  return send(response, 200, { access_token: token, token_type: "Bearer", expires_in: tokenSeconds });
};

const metadata = (issuer: string): object => ({
  issuer,
  jwks_uri: `${issuer}/jwks`,
  token_endpoint: `${issuer}/token`,
  response_types_supported: ["none"],
  subject_types_supported: ["public"],
  grant_types_supported: ["client_credentials"],
  id_token_signing_alg_values_supported: ["ES256"],
  token_endpoint_auth_methods_supported: ["client_secret_post"],
});

const answer = async (request: IncomingMessage, response: ServerResponse, issuer: string, secrets: DevelopmentSecrets): Promise<void> => {
  if (request.headers.host !== new URL(issuer).host) return send(response, 421, { error: "misdirected_request" });
  const { kty, crv, x, y, kid } = secrets.signingKey;
  switch (`${request.method} ${request.url}`) {
    case "GET /.well-known/openid-configuration":
      return send(response, 200, metadata(issuer));
    case "GET /jwks":
      return send(response, 200, { keys: [{ kty, crv, x, y, kid, alg: "ES256", use: "sig" }] });
    case "POST /token":
      return await answerToken(request, response, issuer, secrets);
    default:
      return send(response, 404, { error: "not_found" });
  }
};

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

/** Starts the issuer on any free port of loopback. */
export const startDevelopmentIssuer = async (secrets: DevelopmentSecrets): Promise<DevelopmentIssuer> => {
  let url = "";
  const server = createServer((request, response) => {
    answer(request, response, url, secrets).catch(() => response.destroy());
  });
  url = `http://127.0.0.1:${await listen(server, 0, "127.0.0.1")}`;
  return { url, close: () => close(server) };
};
