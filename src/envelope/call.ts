/** A call as its head tells it, who makes it, and where it may go. */

import type { Grant } from "./scope.ts";

/** What a caller showed to say who they are, exactly as it came. INVARIANT: never logged, recorded or forwarded. */
export interface PresentedCredential {
  /** Where it stood: a header's lower-case name, or `certificate`. */
  readonly source: "authorization" | "api-key" | "x-api-key" | "certificate";
  /** The bare value: for `authorization`, what follows `Bearer `. Empty where it cannot be told. */
  readonly value: string;
  /** Why it is nobody's: the header came more than once, or does not hold what such a header holds. Absent: it can be read. */
  readonly fault?: "repeated" | "unreadable";
}

/** Inference needs a policy; data and control operations need their exact name in one (ARCHITECTURE.md 1.2). */
export type OperationClass = "inference" | "data" | "control";

export interface Operation {
  /** The field's usual name: `chat.completions`, `embeddings`, `models.list`, `predict`, or a gRPC method. */
  readonly name: string;
  readonly class: OperationClass;
}

/** What in the head says which connection a call is for; the steps of ARCHITECTURE.md 1.3 are tried over these in order. */
export interface RouteHints {
  /** The `weir-connection` header or metadata. */
  readonly connection: string | undefined;
  /** Host without port, lower case. */
  readonly host: string;
  /** Canonical path without query, always starting with `/`. */
  readonly path: string;
  /** The service that the path names if it is an RPC's: `package.Service` of `/package.Service/Method`, and of no longer path. */
  readonly service?: string | undefined;
  /** Which shape of well-known API the path has, if any. */
  readonly shape: "openai" | "anthropic" | "azure" | undefined;
}

/** What callers speak with: `rpc` is gRPC, gRPC-Web and Connect; `inference`, `oauth` and `approvals` are the gateway's own services. */
export type SurfaceName = "openai" | "anthropic" | "rest" | "rpc" | "inference" | "oauth" | "approvals";

/** Where a head leads as far as configuration tells, before anybody knows who calls: it chooses the surface; the connection is chosen by the core. */
export interface Direction {
  readonly surface: SurfaceName;
  /** The path as the API behind it has it: canonical, the route's prefix taken off. */
  readonly path: string;
  /** How the connection meant names operations by path. */
  readonly operations: readonly PathOperation[];
}

/** Everything known of a call before its body is read. */
export interface Call {
  /** The session's id: `x-request-id`, 128 random bits as 32 hex digits. Knowing it grants nothing. */
  readonly id: string;
  /** When its head arrived, milliseconds since the epoch. */
  readonly receivedAt: number;
  /** The name of the adapter that speaks with the caller: `openai`, `rest`, `grpc` … */
  readonly surface: string;
  readonly method: string;
  readonly operation: Operation;
  readonly route: RouteHints;
  /** How its adapter read it. INVARIANT: a call goes to no connection that this does not hold for (1.3). */
  readonly direction: Direction;
  /** Everything shown as a credential, what cannot be read among it: a call with any of it is never anonymous. */
  readonly credentials: readonly PresentedCredential[];
  /** The caller's address, without port. */
  readonly remoteAddress: string;
  /** The caller would rather be answered at once than wait for a person (RFC 7240 section 4.1). */
  readonly prefersNotToWait: boolean;
  /** When the caller's own deadline is, milliseconds since the epoch; undefined: it gave none. */
  readonly deadline: number | undefined;
  /** Aborted when the caller leaves. Adapters make it when it is first asked for. */
  readonly signal: AbortSignal;
}

export type PrincipalKind = "human" | "ci" | "service" | "agent" | "anonymous";

/**
 * The issuer of principals that the gateway itself vouches for: identities with an API key, and `anonymous`. No configured issuer may be called so,
 * and a policy that names a configured identity matches no other issuer's subject of that name.
 */
export const gatewayIssuer = "weir";

/** Who is calling: (issuer, subject) is the identity; the rest describes it. */
export interface Principal {
  readonly kind: PrincipalKind;
  /** The configured name of the issuer that vouches for the caller, or {@link gatewayIssuer}. */
  readonly issuer: string;
  readonly subject: string;
  /** The name policies match in `identities`: a configured identity's name, else the subject. */
  readonly name: string;
  readonly email: string | undefined;
  readonly groups: readonly string[];
  /** The Weir token or minted key that they showed, where it was one. */
  readonly grant?: Grant;
  /** Who is responsible for a service or an agent: may not approve what it asks. */
  readonly owner?: { readonly issuer: string; readonly subject: string };
}

/** Time limits towards an upstream, milliseconds. */
export interface Timeouts {
  readonly connect: number;
  readonly firstByte: number;
  readonly idle: number;
  readonly total: number;
}

export type ConnectionProtocol = "openai" | "anthropic" | "rest" | "grpc" | "connect";

/** Where a connection's message descriptors come from. Descriptors belong to the connection, never to a path. */
export type DescriptorSource =
  | { readonly kind: "builtin"; readonly name: "triton" | "oip" | "mlserver" | "tfserving" }
  /** A serialised FileDescriptorSet; absolute path. */
  | { readonly kind: "file"; readonly path: string }
  /** `.proto` files; absolute paths, and the folders that imports are looked up in. */
  | { readonly kind: "proto"; readonly paths: readonly string[]; readonly roots: readonly string[] }
  /** The upstream's reflection service, asked once. */
  | { readonly kind: "reflection" };

export interface Descriptors {
  readonly source: DescriptorSource;
  /** Fields, as `package.Message.field`, whose values over the messages of one stream spell one text. The built-ins have theirs. */
  readonly join: readonly string[];
}

/** How a REST connection names an operation by its path. */
export interface PathOperation {
  /** undefined: any method. */
  readonly method: string | undefined;
  /** Segments of the path behind the route's prefix; `{model}` stands for the model's name, `*` for any one segment, a last `**` for any number. */
  readonly template: string;
  readonly operation: Operation;
}

/** One upstream as the data path sees it. */
export interface Connection {
  readonly name: string;
  /** Changes whenever anything about the connection does. */
  readonly revision: string;
  readonly protocol: ConnectionProtocol;
  /** Absolute URL without trailing slash. */
  readonly upstream: string;
  readonly http: "1.1" | "2";
  /** The connection's own credential, unsealed, to be set as a header; undefined when the upstream takes none. */
  readonly credential: { readonly header: string; readonly value: string } | undefined;
  readonly timeouts: Timeouts;
  /** What messages look like; absent where the connection gives none. */
  readonly descriptors?: Descriptors | undefined;
  /** Operations that a REST connection names itself; then any other path needs its exact name in a policy. Empty: dialects name them. */
  readonly operations?: readonly PathOperation[] | undefined;
  /** Callers without a credential may come here, as the identity `anonymous` that a policy must still allow by that name. */
  readonly anonymous: boolean;
}
