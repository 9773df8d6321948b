/** Who asks at the token endpoints (RFC 6749 section 2.3): a service identity by its name and API key, or the holder of a credential. */

import { gatewayIssuer, type PresentedCredential, type Principal } from "../../envelope/call.ts";
import { GatewayError } from "../../envelope/error.ts";
import type { Form } from "./form.ts";
import { OAuthError } from "./oauth-error.ts";

/** Says whose a credential is; rejects with a GatewayError. */
export type Identify = (credentials: readonly PresentedCredential[]) => Promise<Principal>;

/** A credential as it would stand in `Authorization: Bearer`. */
export const bearer = (value: string): readonly PresentedCredential[] => [{ source: "authorization", value }];

interface ClientSecret {
  readonly id: string;
  readonly secret: string;
}

const invalidClient = (): OAuthError => new OAuthError("invalid_client", "The client could not be authenticated.");

/** RFC 6749 section 2.3.1: both are form-encoded before they are joined. */
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw invalidClient();
  }
};

const fromBasic = (authorization: string): ClientSecret => {
  const text = Buffer.from(authorization.slice("basic ".length), "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon < 0) throw invalidClient();
  return { id: decoded(text.slice(0, colon)), secret: decoded(text.slice(colon + 1)) };
};

const clientSecretOf = (authorization: string | undefined, form: Form): ClientSecret => {
  const inBody = form.get("client_secret");
  if (authorization === undefined || !/^basic /i.test(authorization)) {
    if (authorization !== undefined || inBody === undefined) throw invalidClient();
    return { id: form.get("client_id") ?? "", secret: inBody };
  }
  if (inBody !== undefined) throw new OAuthError("invalid_request", "The client authenticated in two ways.");
  return fromBasic(authorization);
};

/** The service identity that a client proves to be, by its name and its API key. Rejects with `invalid_client`. */
export const authenticateClient = async (identify: Identify, authorization: string | undefined, form: Form): Promise<Principal> => {
  const { id, secret } = clientSecretOf(authorization, form);
  try {
    const principal = await identify(bearer(secret));
    if (principal.issuer === gatewayIssuer && principal.name === id && principal.grant === undefined) return principal;
  } catch (thrown) {
    if (!(thrown instanceof GatewayError)) throw thrown;
  }
  throw invalidClient();
};

/** Whoever shows a credential in the Authorization header, a client's name and key included. Rejects with `invalid_client`. */
export const authenticateAnybody = async (identify: Identify, authorization: string | undefined, form: Form): Promise<Principal> => {
  const token = /^bearer (?<token>\S+)$/i.exec(authorization ?? "")?.groups?.token;
  if (token === undefined) return authenticateClient(identify, authorization, form);
  if (form.has("client_secret")) throw new OAuthError("invalid_request", "The client authenticated in two ways.");
  try {
    return await identify(bearer(token));
  } catch (thrown) {
    if (thrown instanceof GatewayError) throw invalidClient();
    throw thrown;
  }
};
