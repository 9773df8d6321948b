/** Connections, policies and issuers as the database keeps them. */

export type ObjectKind = "connection" | "policy" | "issuer";

/** Plain values: maps, lists, strings, numbers, booleans and null. */
export type PlainMap = Readonly<Record<string, unknown>>;

/** A connection's own credential, in the clear. INVARIANT: never logged, told or written. */
export interface Credential {
  /** In lower case. */
  readonly header: string;
  readonly value: string;
}

/** A credential as it is kept. */
export interface SealedCredential {
  readonly header: string;
  /** Nonce, ciphertext and tag. */
  readonly sealed: Buffer;
  /** Names the key that it was sealed under. */
  readonly key: string;
}

/** An object as somebody wants it to be. */
export interface Wish {
  readonly kind: ObjectKind;
  readonly name: string;
  /** As in `weir.yaml`, without `name` and, of a connection, without `credential`. */
  readonly document: PlainMap;
  /** undefined: the one that it has stays, unless the origin of its upstream changes. */
  readonly credential: Credential | undefined;
}

/** An object as it is kept. */
export interface StoredObject {
  readonly kind: ObjectKind;
  readonly name: string;
  readonly document: PlainMap;
  /** Another one after every change. */
  readonly revision: string;
  readonly credential: SealedCredential | undefined;
  readonly updatedAt: Date;
  /** The name of who declared it as it is. */
  readonly updatedBy: string;
}

/** What names an object. */
export type ObjectName = Pick<StoredObject, "kind" | "name">;

export const sameObject =
  ({ kind, name }: ObjectName) =>
  (other: ObjectName): boolean =>
    other.kind === kind && other.name === name;

/** The origin of a connection's upstream, to which its credential belongs; empty where there is none. */
export const originOf = ({ upstream }: PlainMap): string =>
  typeof upstream === "string" && URL.canParse(upstream) ? new URL(upstream).origin : "";
