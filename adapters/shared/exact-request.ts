/** What makes a request the one it is: what a person's yes is bound to (ARCHITECTURE.md 1.7). */

export interface ExactRequest {
  readonly method: string;
  /** Canonical, the route's prefix taken off. */
  readonly path: string;
  /** As it came. */
  readonly query: string;
  /** Names and values in turn of the headers that change what is asked; not those of a single try, which a retry changes. */
  readonly headers: readonly string[];
  /** As it came, not as it is forwarded. */
  readonly body: Uint8Array | undefined;
}

/** The pieces, each of which is bound with its length. */
export const exactPieces = ({ method, path, query, headers, body }: ExactRequest): readonly (string | Uint8Array)[] => [
  method,
  path,
  query,
  String(headers.length),
  ...headers,
  body ?? "",
];
