/** What a Weir token is good for (ARCHITECTURE.md 1.8). It narrows what policies allow and never widens it. */

export interface Scope {
  /** Names of connections; undefined: whatever policies allow. The same below. */
  readonly connections: readonly string[] | undefined;
  /** Globs of model names, in which `*` stands for any text. */
  readonly models: readonly string[] | undefined;
  /** Names of operations. */
  readonly operations: readonly string[] | undefined;
}

/** What a principal came by: a Weir token, or an API key that the gateway minted. */
export interface Grant {
  /** Its public id: knowing it grants nothing. */
  readonly id: string;
  /** The ids of what it was exchanged for, the first one first: taking one of them away takes this away. */
  readonly lineage: readonly string[];
  readonly scope: Scope;
  /** Whether it is good for a number of requests only. */
  readonly counted: boolean;
  /** Milliseconds since the epoch; infinite where it does not end by itself. */
  readonly expiresAt: number;
}
