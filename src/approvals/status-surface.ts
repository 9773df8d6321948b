/** Where callers who did not wait ask what has become of their requests: `GET /.well-known/weir/approvals/ID` on the main port. */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { PresentedCredential, Principal } from "../envelope/call.ts";
import { GatewayError } from "../envelope/error.ts";
import { approvalBody, approvalsRoot, type Head, type Refusal, refusalHeaders, type Surface } from "../envelope/surface.ts";
import type { ApprovalStore } from "./approval-store.ts";

export interface StatusOptions {
  readonly store: Pick<ApprovalStore, "get">;
  readonly identify: (credentials: readonly PresentedCredential[]) => Promise<Principal>;
}

type StatusResponse = ServerResponse | Http2ServerResponse;

const okStatus = 200;

const refusal = (error: GatewayError, session: string): Refusal => ({
  contentType: "application/json",
  body: JSON.stringify({ error: error.message, code: error.reason, session }),
});

/** What is not the caller's looks like what is not there. */
const ownApproval = async ({ store, identify }: StatusOptions, { method, direction, credentials }: Head): Promise<string> => {
  const { issuer, subject } = await identify(credentials);
  if (method !== "GET") throw new GatewayError("operation_unsupported");
  const approval = await store.get(direction.path.slice(approvalsRoot.length)).catch((cause: unknown) => {
    throw new GatewayError("approvals_unavailable", undefined, { cause });
  });
  const { principal } = approval ?? {};
  if (approval === undefined || principal?.issuer !== issuer || principal.subject !== subject) throw new GatewayError("target_unknown");
  return approvalBody(approval, approval.state, approval.state === "denied" ? approval.reason : undefined);
};

const send = (response: StatusResponse, status: number, headers: Readonly<Record<string, string>>, body: string): void => {
  const head = {
    ...headers,
    "content-type": "application/json",
    "cache-control": "no-store",
    "content-length": String(Buffer.byteLength(body)),
  };
  // The two kinds of response differ only in what `writeHead` returns.
  if ("stream" in response) response.writeHead(status, head);
  else response.writeHead(status, head);
  response.end(body);
};

const handle = async (options: StatusOptions, head: Head, response: StatusResponse): Promise<void> => {
  try {
    send(response, okStatus, { "x-request-id": head.id }, await ownApproval(options, head));
  } catch (thrown) {
    const error = GatewayError.from(thrown);
    send(response, error.ruling.http, refusalHeaders(error, head.id), refusal(error, head.id).body);
  }
};

/** The surface, for the listener to hand requests to. */
export const approvalStatusSurface = (options: StatusOptions): Surface<IncomingMessage | Http2ServerRequest, StatusResponse> => ({
  name: "approvals",
  handle: (head, _request, response) => void handle(options, head, response),
  refusal,
});
