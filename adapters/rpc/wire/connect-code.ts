/** Connect's error codes and the HTTP statuses that stand for them (Connect protocol, "Error Codes"). */

/** Every code with the status of a unary answer that ends with it. */
export const connectStatuses = {
  canceled: 499,
  unknown: 500,
  invalid_argument: 400,
  deadline_exceeded: 504,
  not_found: 404,
  already_exists: 409,
  permission_denied: 403,
  resource_exhausted: 429,
  failed_precondition: 400,
  aborted: 409,
  out_of_range: 400,
  unimplemented: 501,
  internal: 500,
  unavailable: 503,
  data_loss: 500,
  unauthenticated: 401,
} as const;

export type ConnectCode = keyof typeof connectStatuses;

export const isConnectCode = (value: unknown): value is ConnectCode => typeof value === "string" && Object.hasOwn(connectStatuses, value);
