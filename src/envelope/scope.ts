/** What a Weir token is good for (ARCHITECTURE.md 1.8). It narrows what policies allow and never widens it. */

export interface Scope {
  /** Names of connections; undefined: whatever policies allow. The same below. */
  readonly connections: readonly string[] | undefined;
  /** Globs of model names, in which `*` stands for any text. */
  readonly models: readonly string[] | undefined;
  /** Names of operations. */
  readonly operations: readonly string[] | undefined;
}

/** The token that a principal came by. */
export interface Grant {
  /** The token's public id: knowing it grants nothing. */
  readonly id: string;
  readonly scope: Scope;
  /** Whether it is good for a number of requests only. */
  readonly counted: boolean;
}
