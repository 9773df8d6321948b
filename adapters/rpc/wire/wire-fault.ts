/** Calls that break a rule of their own protocol, or that it ends itself. */

import { GatewayError, type GrpcCode, type Reason } from "../../../src/envelope/error.ts";

/**
 * What any server of the protocol would answer to such a call: its code and a sentence, and nothing of this gateway's. Policy has no part in it; the record
 * has the reason.
 */
export class WireFault extends GatewayError {
  readonly code: GrpcCode;

  constructor(reason: Reason, code: GrpcCode, message: string, cause?: unknown) {
    super(reason, message, cause === undefined ? {} : { cause });
    this.name = "WireFault";
    this.code = code;
  }
}

/** A body that ends within a message, or bytes that are not what their coding says. */
export const brokenMessage = (cause?: unknown): WireFault =>
  new WireFault("request_invalid", "invalid_argument", "A message is not what its frame says.", cause);

/** A message that says it is compressed where no coding is named (gRPC "Compression", test case 5: `internal`). */
export const codingMissing = (): WireFault =>
  new WireFault("request_invalid", "internal", "A message is compressed, but its head names no coding.");

/** Messages under a coding that is not known here, where policy must read them (gRPC "Compression", test case 4). */
export const codingUnknown = (): WireFault =>
  new WireFault("operation_unsupported", "unimplemented", "Messages of this coding are not supported here.");

/** The deadline that the caller gave has passed. */
export const deadlinePassed = (): WireFault => new WireFault("upstream_timeout", "deadline_exceeded", "The call's deadline has passed.");
