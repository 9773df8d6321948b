/** What a head tells of the protocol that is spoken, besides where it wants to go: whether it is that of an RPC (gRPC, gRPC-Web or Connect). */

/** What the protocol is told by. */
export interface WireFacts {
  readonly method: string;
  /** The request's media type, lower case and without parameters; undefined when it has none. */
  readonly mediaType: string | undefined;
  /** Whether `connect-protocol-version` was sent (Connect protocol, "Unary-Request"). */
  readonly connect: boolean;
  /** What follows `?` in the target, as it came: a Connect GET says `connect=v1` there. */
  readonly query: string;
}

/**
 * Media types that nothing else has: gRPC's and gRPC-Web's (grpc/grpc `PROTOCOL-HTTP2.md`, `PROTOCOL-WEB.md`), Connect's streams, and its unary calls
 * of binary messages. Its unary calls of JSON look like any other JSON, and are told by their header or by the connection they lead to.
 */
const rpcMediaType = /^application\/(?:grpc(?:-web(?:-text)?)?(?:\+[a-z0-9.-]+)?|connect\+[a-z0-9.-]+|proto)$/;

/** The Connect protocol, "Unary-Get-Request". */
const connectQuery = /(?:^|&)connect=v1(?:&|$)/;

/** Whether the wire itself says so; a plain JSON call may be one all the same. */
export const speaksRpc = ({ method, mediaType, connect, query }: WireFacts): boolean =>
  connect || (mediaType !== undefined && rpcMediaType.test(mediaType)) || (method === "GET" && connectQuery.test(query));
