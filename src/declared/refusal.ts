/** A declaration that is not taken. */

/**
 * Why: `unusable` (the configuration would be wrong with it), `exists`, `missing`, `stale` (it was made from another revision than there is by now),
 * `of-file` (a file declares the object, which is read-only here), `in-use` (what is left would be wrong without it).
 */
export type RefusalReason = "unusable" | "exists" | "missing" | "stale" | "of-file" | "in-use";

/** INVARIANT: the message is for whoever declares, and holds no secret. */
export class DeclarationRefused extends Error {
  override readonly name = "DeclarationRefused";
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, message: string) {
    super(message);
    this.reason = reason;
  }
}
