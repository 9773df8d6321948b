/** What is wrong with a configuration, and where. */

/** A place in a file; lines and columns count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One thing that is wrong in the file. INVARIANT: the message holds no secret. */
export interface FileProblem extends Position {
  readonly message: string;
}

/** One thing that is wrong with an object of the database. INVARIANT: the message holds no secret. */
export interface ObjectProblem {
  /** `connection "gpt"`. */
  readonly object: string;
  /** Where in its document, such as `match.connections[0]`; empty: the object as a whole. */
  readonly at: string;
  readonly message: string;
}

/** One thing that is wrong, in the file or in the database. */
export type Problem = FileProblem | ObjectProblem;

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

/** A path as people write it: `policies[0].limits.promptTokens`. */
export const printPath = (path: Path): string =>
  path.reduce<string>((text, step) => (typeof step === "number" ? `${text}[${step}]` : text === "" ? step : `${text}.${step}`), "");

/** A problem as a compiler would print it: `file:line:column: what is wrong`, or `database: policy "x": match.groups[0]: what is wrong`. */
export const printProblem = (problem: Problem): string => {
  if ("file" in problem) return `${problem.file}:${problem.line}:${problem.column}: ${problem.message}`;
  return ["database", problem.object, problem.at, problem.message].filter((part) => part !== "").join(": ");
};

/** A configuration that is refused. `message` has every problem, one a line, in the order of the file. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(printProblem).join("\n"));
    this.name = "ConfigError";
    this.problems = problems;
  }
}

/** Problems in the order of their file, each once; those of the database behind them. */
export const inOrder = (problems: readonly Problem[]): readonly Problem[] => {
  const each = [...new Map(problems.map((problem) => [printProblem(problem), problem])).values()];
  const ofFile = each.filter((problem) => "file" in problem).sort((a, b) => a.line - b.line || a.column - b.column);
  return [...ofFile, ...each.filter((problem) => "object" in problem)];
};
