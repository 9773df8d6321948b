/** What is wrong with a configuration, and where. */

/** A place in a file; lines and columns count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One thing that is wrong. INVARIANT: the message holds no secret. */
export interface Problem extends Position {
  readonly message: string;
}

/** Keys and indices from the root of the file: `["policies", 0, "match", "groups"]`. */
export type Path = readonly (string | number)[];

/** Something wrong at a path, not yet placed in the file. */
export interface Finding {
  readonly path: Path;
  readonly message: string;
  /** UTF-16 offset within the text that stands at the path, for a pattern's own position. */
  readonly offset?: number | undefined;
  /** Whether the path's key is meant rather than its value. */
  readonly atKey?: boolean;
}

/** A problem as a compiler would print it: `file:line:column: what is wrong`. */
export const printProblem = ({ file, line, column, message }: Problem): string => `${file}:${line}:${column}: ${message}`;

/** A configuration that is refused. `message` has every problem, one a line, in the order of the file. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(printProblem).join("\n"));
    this.name = "ConfigError";
    this.problems = problems;
  }
}

/** Problems in the order of their file, each once. */
export const inOrder = (problems: readonly Problem[]): readonly Problem[] => {
  const each = new Map(problems.map((problem) => [printProblem(problem), problem]));
  return [...each.values()].sort((a, b) => a.line - b.line || a.column - b.column);
};
