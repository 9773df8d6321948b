/** What people change is told to the audit log. */

/** One change, by whom. INVARIANT: `details` holds no secret. */
export interface Change {
  readonly by: { readonly issuer: string; readonly subject: string; readonly name: string };
  /** `identity.disable`, `key.create` … */
  readonly action: string;
  readonly object: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Resolves once the change is in the audit log. */
export type Audit = (change: Change) => Promise<void>;
