/** Errors as RFC 6749 section 5.2 words them. */

/** The codes of RFC 6749 section 5.2 and, for what a person denied, RFC 8628 section 3.5, of RFC 8693 section 2.2.2 and RFC 7009 section 2.2.1 that we answer with. */
export type OAuthCode =
  | "invalid_request"
  | "invalid_client"
  | "invalid_grant"
  | "unsupported_grant_type"
  | "invalid_scope"
  | "invalid_target"
  | "access_denied"
  | "temporarily_unavailable"
  | "server_error";

const statuses: Readonly<Record<OAuthCode, number>> = {
  invalid_request: 400,
  invalid_client: 401,
  invalid_grant: 400,
  unsupported_grant_type: 400,
  invalid_scope: 400,
  invalid_target: 400,
  access_denied: 400,
  temporarily_unavailable: 503,
  server_error: 500,
};

/** A refused request to one of the token endpoints; the message is what the client reads. INVARIANT: it holds nothing of what was sent. */
export class OAuthError extends Error {
  override readonly name = "OAuthError";
  readonly code: OAuthCode;

  constructor(code: OAuthCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  get status(): number {
    return statuses[this.code];
  }
}
