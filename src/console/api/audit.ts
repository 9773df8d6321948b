/** What people change, and what they read of others, is written to the audit log. */

import type { Also } from "../../store/index.ts";

/** One change, by whom. INVARIANT: `details` holds no secret. */
export interface Change {
  readonly by: { readonly issuer: string; readonly subject: string; readonly name: string };
  /** `identity.disable`, `key.create` … */
  readonly action: string;
  readonly object: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/**
 * Makes a change together with its event, both or neither, and tells of it once it stands. `make` hands what it is given to the change that it makes;
 * `eventOf` words the event from what that made. A change that turns out to be none writes none.
 */
export type Audited = <Result, Made extends readonly unknown[] = []>(
  eventOf: (...made: Made) => Change,
  make: (also: Also<Made>) => Promise<Result>,
) => Promise<Result>;

export interface Auditing {
  readonly audited: Audited;
  /** Resolves once it is in the audit log that something was read. */
  readonly recordReading: (reading: Change) => Promise<void>;
}
