/** The gateway's own token endpoints on the main port: `/oauth/*` and RFC 8414 metadata. */

import type { ServerResponse } from "node:http";
import type { Http2ServerResponse } from "node:http2";
import { GatewayError } from "../../envelope/error.ts";
import type { Head, Refusal, Surface } from "../../envelope/surface.ts";
import type { Also, Transaction } from "../../store/index.ts";
import type { StoredToken } from "../grants/index.ts";
import { authenticateAnybody, type Identify } from "./client.ts";
import { type OAuthRequest, readForm } from "./form.ts";
import { type HolderEndpoints, introspect, revoke } from "./holder-endpoints.ts";
import { OAuthError } from "./oauth-error.ts";
import { answerToken, grantTypes, type TokenAgreement } from "./token-endpoint.ts";

type OAuthResponse = ServerResponse | Http2ServerResponse;

export interface OAuthOptions extends Omit<HolderEndpoints, "revoked"> {
  readonly identify: Identify;
  readonly agreed: TokenAgreement;
  /** Writes that a token was issued or taken back, in the transaction that does it. */
  readonly audit: (transaction: Transaction, action: "token.issue" | "token.revoke", token: StoredToken) => Promise<void>;
  /** What cannot be the client's fault. */
  readonly failed: (session: string, thrown: unknown) => void;
}

interface Arrival {
  readonly head: Head;
  readonly request: OAuthRequest;
  /** Aborted when the client leaves. */
  readonly signal: AbortSignal;
}

type Endpoint = (options: OAuthOptions, arrival: Arrival) => Promise<object | undefined>;

const token: Endpoint = async ({ identify, tokens, agreed, audit }, { head, request, signal }) =>
  answerToken(
    {
      identify,
      tokens,
      agreed: (plan) => agreed(plan, { session: head.id, signal }),
      issued: (transaction, issued) => audit(transaction, "token.issue", issued),
    },
    request.headers.authorization,
    await readForm(request),
  );

const revocation: Endpoint = async (options, { request }) => {
  const { tokens, revocations, audit } = options;
  const revoked: Also<[StoredToken]> = (transaction, token) => audit(transaction, "token.revoke", token);
  await revoke({ tokens, revocations, revoked }, await readForm(request));
  return undefined;
};

const introspection: Endpoint = async (options, { request }) => {
  const form = await readForm(request);
  return introspect(options, await authenticateAnybody(options.identify, request.headers.authorization, form), form);
};

const clientMethods = ["client_secret_basic", "client_secret_post"];

/** RFC 8414 section 2; the issuer is the address that the client used. */
const metadata: Endpoint = async (_options, { head, request }) => {
  const scheme = "encrypted" in request.socket && request.socket.encrypted === true ? "https" : "http";
  const issuer = `${scheme}://${request.headers.host ?? request.headers[":authority"] ?? head.route.host}`;
  return {
    issuer,
    token_endpoint: `${issuer}/oauth/token`,
    revocation_endpoint: `${issuer}/oauth/revoke`,
    introspection_endpoint: `${issuer}/oauth/introspect`,
    grant_types_supported: grantTypes,
    response_types_supported: [],
    token_endpoint_auth_methods_supported: [...clientMethods, "none"],
    revocation_endpoint_auth_methods_supported: ["none"],
    introspection_endpoint_auth_methods_supported: clientMethods,
  };
};

const endpoints: ReadonlyMap<string, Endpoint> = new Map([
  ["POST /oauth/token", token],
  ["POST /oauth/revoke", revocation],
  ["POST /oauth/introspect", introspection],
  ["GET /.well-known/oauth-authorization-server", metadata],
]);

/** RFC 6749 section 5.1: nothing of this may be kept by a cache. */
const headers = { "content-type": "application/json", "cache-control": "no-store", pragma: "no-cache" };

const send = (response: OAuthResponse, status: number, body: object | undefined, more: Readonly<Record<string, string>>): void => {
  const text = body === undefined ? "" : JSON.stringify(body);
  const head = { ...headers, ...more, "content-length": String(Buffer.byteLength(text)) };
  // The two kinds of response differ only in what `writeHead` returns.
  if ("stream" in response) response.writeHead(status, head);
  else response.writeHead(status, head);
  response.end(text);
};

/** What a person did not agree to. */
const refusedByPeople: ReadonlySet<string> = new Set(["approval_denied", "approval_expired"]);

/** What they showed was taken away while they waited. */
const refusedByAccess: ReadonlySet<string> = new Set(["credential_invalid", "credential_revoked"]);

const isTemporary = ({ ruling }: GatewayError): boolean => ruling.retry;

const errorOf = (thrown: unknown): OAuthError => {
  if (thrown instanceof OAuthError) return thrown;
  if (thrown instanceof GatewayError && refusedByPeople.has(thrown.reason)) return new OAuthError("access_denied", thrown.message);
  if (thrown instanceof GatewayError && refusedByAccess.has(thrown.reason)) return new OAuthError("invalid_grant", thrown.message);
  if (thrown instanceof GatewayError && !isTemporary(thrown) && thrown.ruling.fault === "caller")
    return new OAuthError("invalid_request", thrown.message);
  return new OAuthError("temporarily_unavailable", "Tokens are not available at this moment.");
};

const sendError = (response: OAuthResponse, error: OAuthError, session: string): void => {
  const challenge = error.code === "invalid_client" ? { "www-authenticate": 'Basic realm="weir"' } : {};
  send(response, error.status, { error: error.code, error_description: error.message }, { "x-request-id": session, ...challenge });
};

const handle = async (options: OAuthOptions, arrival: Arrival, response: OAuthResponse): Promise<void> => {
  const { id, method, direction, credentials } = arrival.head;
  try {
    if (credentials.some(({ fault }) => fault === "repeated")) throw new OAuthError("invalid_request", "A credential was sent twice.");
    const endpoint = endpoints.get(`${method} ${direction.path}`);
    if (endpoint === undefined) {
      send(response, 404, { error: "invalid_request", error_description: "There is nothing here by that name." }, { "x-request-id": id });
      return;
    }
    send(response, 200, await endpoint(options, arrival), { "x-request-id": id });
  } catch (thrown) {
    const error = errorOf(thrown);
    if (error !== thrown) options.failed(id, thrown);
    sendError(response, error, id);
  }
};

const refusal = (error: GatewayError): Refusal => ({
  contentType: "application/json",
  body: JSON.stringify({ error: error.ruling.retry ? "temporarily_unavailable" : "invalid_request", error_description: error.message }),
});

/** The surface, for the listener to hand requests to. */
export const oauthSurface = (options: OAuthOptions): Surface<OAuthRequest, OAuthResponse> => ({
  name: "oauth",
  handle: (head, request, response) => {
    const leaving = new AbortController();
    response.once("close", () => leaving.abort());
    void handle(options, { head, request, signal: leaving.signal }, response);
  },
  refusal,
});
