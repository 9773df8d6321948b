/**
 * Why a call was stopped: one closed list of reasons, one table that rules each, one error class.
 * Features throw a {@link GatewayError} with a {@link Reason}; adapters render its row of {@link rulings}. Status numbers stand in no other file.
 */

/** The canonical gRPC status codes this gateway answers with (grpc/grpc `doc/statuscodes.md`), by their number. */
export const grpcCodes = {
  canceled: 1,
  invalid_argument: 3,
  deadline_exceeded: 4,
  not_found: 5,
  permission_denied: 7,
  resource_exhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

export type GrpcCode = keyof typeof grpcCodes;

/** Whose doing a stop was; it decides the log level and nothing else. */
export type Fault = "caller" | "upstream" | "gateway";

/** What one reason means on the wire. `retry`: whether the same call may succeed later without a change by the caller. */
export interface Ruling {
  readonly http: number;
  readonly grpc: GrpcCode;
  readonly retry: boolean;
  readonly fault: Fault;
  /** The sentence a caller reads when the thrower gave none. It never names a rule, a pattern or a value. */
  readonly sentence: string;
}

const row = (http: number, grpc: GrpcCode, retry: boolean, fault: Fault, sentence: string): Ruling => ({
  http,
  grpc,
  retry,
  fault,
  sentence,
});

/** Every reason with its ruling: the table of ARCHITECTURE.md 1.5. */
export const rulings = {
  credential_missing: row(401, "unauthenticated", false, "caller", "This gateway needs a credential."),
  credential_invalid: row(401, "unauthenticated", false, "caller", "The credential is not valid."),
  credential_revoked: row(401, "unauthenticated", false, "caller", "The credential has been revoked."),
  access_denied: row(403, "permission_denied", false, "caller", "You may not make this call."),
  prompt_blocked: row(403, "permission_denied", false, "caller", "The request was blocked by policy."),
  response_blocked: row(403, "permission_denied", false, "caller", "The answer was blocked by policy."),
  content_unreadable: row(403, "permission_denied", false, "caller", "Policy forbids content that the gateway cannot read."),
  approval_denied: row(403, "permission_denied", false, "caller", "A reviewer denied this call."),
  approval_expired: row(403, "permission_denied", false, "caller", "No reviewer decided on this call in time."),
  approval_pending: row(202, "unavailable", true, "caller", "This request waits for a person's approval: send it again later."),
  quota_exceeded: row(429, "resource_exhausted", true, "caller", "A limit of use has been reached."),
  request_invalid: row(400, "invalid_argument", false, "caller", "The request is not valid."),
  request_too_large: row(413, "resource_exhausted", false, "caller", "The request is too large."),
  headers_too_large: row(431, "resource_exhausted", false, "caller", "The request's headers are too large."),
  media_type_unsupported: row(415, "invalid_argument", false, "caller", "The request's media type is not supported here."),
  target_unknown: row(404, "not_found", false, "caller", "There is nothing here by that name."),
  operation_unsupported: row(501, "unimplemented", false, "caller", "The gateway does not offer this operation."),
  request_timeout: row(408, "deadline_exceeded", false, "caller", "The request did not arrive in time."),
  cancelled: row(499, "canceled", false, "caller", "The caller left."),
  upstream_unavailable: row(503, "unavailable", true, "upstream", "The model cannot be reached."),
  upstream_timeout: row(504, "deadline_exceeded", true, "upstream", "The model did not answer in time."),
  upstream_invalid: row(502, "internal", false, "upstream", "The model's answer could not be used."),
  recording_failed: row(503, "unavailable", true, "gateway", "The call could not be recorded, so it was not made."),
  approvals_unavailable: row(503, "unavailable", true, "gateway", "This call needs an approval, and approvals are not available."),
  shutting_down: row(503, "unavailable", true, "gateway", "The gateway is shutting down."),
  masking_failed: row(500, "internal", false, "gateway", "The answer could not be masked, so it is withheld."),
  internal: row(500, "internal", false, "gateway", "The gateway failed."),
} as const satisfies Record<string, Ruling>;

export type Reason = keyof typeof rulings;

/** An approval that a caller who does not wait for it comes back for. */
export interface PendingApproval {
  readonly id: string;
  readonly expiresAt: Date;
}

export interface GatewayErrorOptions {
  /** What went wrong underneath: for our log and record, never for the caller. */
  readonly cause?: unknown;
  /** What the record and the log say besides the reason: the rules that stopped the call, for example. INVARIANT: holds no text of the call. */
  readonly note?: string;
  /** Seconds after which a retry makes sense; rendered as `Retry-After`. */
  readonly retryAfter?: number;
  /** The request field at fault (OpenAI's `param`), when one is. */
  readonly param?: string;
  /** What the call waits for: given with `approval_pending`, and with no other reason. */
  readonly pending?: PendingApproval;
}

/** A stopped call. `message` is what the caller reads; the cause is for the record and the log. */
export class GatewayError extends Error {
  readonly reason: Reason;
  readonly retryAfter: number | undefined;
  readonly param: string | undefined;
  readonly note: string | undefined;
  readonly pending: PendingApproval | undefined;

  constructor(reason: Reason, message?: string, options: GatewayErrorOptions = {}) {
    super(message ?? rulings[reason].sentence, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "GatewayError";
    this.reason = reason;
    this.retryAfter = options.retryAfter;
    this.param = options.param;
    this.note = options.note;
    this.pending = options.pending;
  }

  get ruling(): Ruling {
    return rulings[this.reason];
  }

  /** Any thrown value as a GatewayError: what we do not know is `internal`, and its text stays with us. */
  static from(thrown: unknown): GatewayError {
    return thrown instanceof GatewayError ? thrown : new GatewayError("internal", undefined, { cause: thrown });
  }
}
