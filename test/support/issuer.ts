/** A real OpenID Connect provider on a real socket, and the key it signs with, so that tests can also sign what it never would. */

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from "jose";
import { type Configuration, Provider } from "oidc-provider";

export const audience = "weir";
/** A header extension that only this signer knows. */
export const unknownExtension = "x-unknown";
const clientSecret = "a-secret-for-tests-only";

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly privateJwk: JWK;
}

export const signingKey = async (kid: string, alg = "RS256"): Promise<SigningKey> => {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, privateKey, privateJwk: { ...(await exportJWK(privateKey)), kid, alg, use: "sig" } };
};

export interface TestIssuer {
  readonly url: string;
  readonly key: SigningKey;
  /** Paths that were asked for, in order. */
  readonly requests: readonly string[];
  /** An access token from the provider itself, for a client of that name (RFC 9068). */
  token(client: string): Promise<string>;
  /** A token signed with the provider's key; `claims` replace the usual ones, undefined takes one away. */
  sign(claims?: Readonly<Record<string, unknown>>, header?: Readonly<Record<string, unknown>>): Promise<string>;
  /** Stops listening; `back` listens again on the same port. */
  away(): Promise<void>;
  back(): Promise<void>;
}

const configuration = (key: SigningKey, groups: readonly string[]): Configuration => ({
  jwks: { keys: [key.privateJwk] },
  clients: ["reporter", "crawler"].map((client_id) => ({
    client_id,
    client_secret: clientSecret,
    grant_types: ["client_credentials"],
    redirect_uris: [],
    response_types: [],
  })),
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: () => ({
        scope: "",
        audience,
        accessTokenFormat: "jwt",
        jwt: { sign: { alg: "RS256" } },
      }),
    },
  },
  extraTokenClaims: () => ({ groups: [...groups] }),
});

const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

const clientToken = async (url: string, client: string): Promise<string> => {
  const answer = await fetch(`${url}/token`, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(`${client}:${clientSecret}`).toString("base64")}` },
    body: new URLSearchParams({ grant_type: "client_credentials", resource: "https://weir.example" }),
  });
  const { access_token: token } = (await answer.json()) as { access_token?: string };
  if (token === undefined) throw new Error(`the provider gave no token: ${answer.status}`);
  return token;
};

/** Usual claims of a token that is in order, at this moment. */
export const usualClaims = (issuer: string): JWTPayload => {
  const now = Math.floor(Date.now() / 1_000);
  return { iss: issuer, sub: "alice", aud: audience, iat: now, exp: now + 300, groups: ["analysts"] };
};

export const signToken = (key: SigningKey, claims: JWTPayload, header: Readonly<Record<string, unknown>> = {}): Promise<string> =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: key.privateJwk.alg ?? "RS256", kid: key.kid, ...header })
    .sign(key.privateKey, { crit: { [unknownExtension]: true } });

/** Starts an issuer whose clients are in `groups`. */
export const startIssuer = async (groups: readonly string[] = ["analysts"]): Promise<TestIssuer> => {
  const key = await signingKey("first");
  const requests: string[] = [];
  let answer: ReturnType<Provider["callback"]> | undefined;
  const make = (): Server =>
    createServer((request, response) => {
      requests.push(request.url ?? "");
      void answer?.(request, response);
    });
  let server = make();
  const port = await listen(server, 0);
  const url = `http://127.0.0.1:${port}`;
  answer = new Provider(url, configuration(key, groups)).callback();
  return {
    url,
    key,
    requests,
    token: (client) => clientToken(url, client),
    sign: (claims = {}, header = {}) => signToken(key, { ...usualClaims(url), ...claims }, header),
    away: () => close(server),
    back: async () => {
      server = make();
      await listen(server, port);
    },
  };
};
