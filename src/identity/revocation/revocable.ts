/** What can be taken away. */

/** A Weir token, an identity, everybody an issuer vouches for, or a connection ("freeze"). */
export type Revocable =
  | { readonly kind: "token"; readonly id: string }
  | { readonly kind: "identity"; readonly issuer: string; readonly subject: string }
  | { readonly kind: "issuer"; readonly name: string }
  | { readonly kind: "connection"; readonly name: string };

/** As the database names it. */
export const objectOf = (revocable: Revocable): readonly string[] => {
  switch (revocable.kind) {
    case "token":
      return [revocable.id];
    case "identity":
      return [revocable.issuer, revocable.subject];
    case "issuer":
    case "connection":
      return [revocable.name];
  }
};

/** A name for sets: equal for what is the same, different for everything else. */
export const revocationKey = (kind: string, object: readonly string[]): string => JSON.stringify([kind, ...object]);
