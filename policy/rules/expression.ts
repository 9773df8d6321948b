/**
 * Policy expressions: CEL (https://cel.dev), checked against the facts they may ask for when they are compiled. `matches` is not the library's own, which is
 * JavaScript's and can take for ever, but the masker's engine; its pattern must be written out, so that it is compiled once and checked at load.
 */

import { Environment } from "@marcbachmann/cel-js";
import type { Facts } from "../decision.ts";
import { compileMatcher, type Matcher } from "../masking/matcher.ts";
import { PatternError } from "../masking/pattern-error.ts";

/** An expression that cannot be used; `position` is the UTF-16 offset in it. */
export class ExpressionError extends Error {
  override readonly name = "ExpressionError";
  readonly position: number;

  constructor(message: string, position: number) {
    super(message);
    this.position = position;
  }
}

/** What an expression may ask for besides the facts of the call. */
export interface PromptFacts {
  /** Counted only where the expression asks. */
  readonly tokens: () => number;
}

export interface Expression {
  /** Throws where it cannot be evaluated: whoever asks then denies. */
  test(facts: Facts, prompt?: PromptFacts): boolean;
  readonly countsTokens: boolean;
}

/** Far more than anybody reads, far less than would take time to evaluate. */
const limits = { maxAstNodes: 1_000, maxDepth: 32, maxListElements: 500, maxMapEntries: 100, maxCallArguments: 16 };

const requestSchema = {
  model: "string",
  operation: "string",
  connection: "string",
  features: "list<string>",
  tools: "list<string>",
} as const;
const identitySchema = {
  name: "string",
  kind: "string",
  issuer: "string",
  subject: "string",
  email: "string",
  groups: "list<string>",
} as const;

/** The library's own function is found under this name; ours takes its place under the other. */
const foreignMatch = "matches";
const ownMatch = "fitsPattern";

interface Node {
  readonly op: string;
  readonly args: unknown;
  readonly start: number;
  readonly end: number;
}

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && "op" in value && "args" in value;

/** Every node of a tree, the outer ones first. */
function* nodesOf(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const each of value) yield* nodesOf(each);
  else if (isNode(value)) {
    yield value;
    yield* nodesOf(value.args);
  }
}

interface MatchCall {
  /** Where the receiver ends: `.matches` follows. */
  readonly after: number;
  readonly pattern: string;
  readonly position: number;
}

const unwritten = (position: number): ExpressionError =>
  new ExpressionError('matches is written text.matches("pattern"), with the pattern itself', position);

const matchCallOf = ({ op, args, start }: Node): MatchCall | undefined => {
  if (!Array.isArray(args) || args[0] !== foreignMatch) return undefined;
  const [, receiver, given]: unknown[] = args;
  const [pattern]: unknown[] = Array.isArray(given) ? given : [];
  if (op !== "rcall" || !isNode(receiver) || !isNode(pattern) || pattern.op !== "value" || typeof pattern.args !== "string")
    throw unwritten(start);
  return { after: receiver.end, pattern: pattern.args, position: pattern.start };
};

const compilePattern = ({ pattern, position }: MatchCall): Matcher => {
  try {
    return compileMatcher([{ pattern }]);
  } catch (thrown) {
    if (!(thrown instanceof PatternError)) throw thrown;
    throw new ExpressionError(thrown.message, position + 1 + thrown.position);
  }
};

/** The source with our function in the library's place. */
const withOwnMatch = (source: string, calls: readonly MatchCall[]): string => {
  let text = source;
  for (const { after } of calls.toSorted((a, b) => b.after - a.after)) {
    const at = text.indexOf(foreignMatch, after);
    text = text.slice(0, at) + ownMatch + text.slice(at + foreignMatch.length);
  }
  return text;
};

/** Declares what an expression may ask for. */
export type Declares = (environment: Environment) => Environment;

const declaresFacts: Declares = (environment) =>
  environment
    .registerVariable({ name: "request", schema: requestSchema })
    .registerVariable({ name: "identity", schema: identitySchema })
    .registerVariable({ name: "prompt", schema: { tokens: "int" } })
    .registerVariable("source", "string");

const environmentWith = (declares: Declares, patterns: ReadonlyMap<string, Matcher>): Environment =>
  declares(new Environment({ limits })).registerFunction(`string.${ownMatch}(string): bool`, (text: string, pattern: string) => {
    const matcher = patterns.get(pattern);
    if (matcher === undefined) throw new Error("a pattern that was not compiled");
    return matcher.test(text).length > 0;
  });

const firstLine = (message: string): string => message.split("\n", 1)[0] ?? message;

const positionOf = (error: unknown): number => {
  const node: unknown = typeof error === "object" && error !== null && "node" in error ? error.node : undefined;
  return typeof node === "object" && node !== null && "pos" in node && typeof node.pos === "number" ? node.pos : 0;
};

const failureOf = (thrown: unknown): ExpressionError =>
  new ExpressionError(firstLine(thrown instanceof Error ? thrown.message : String(thrown)), positionOf(thrown));

const parse = (environment: Environment, source: string) => {
  try {
    return environment.parse(source);
  } catch (thrown) {
    throw failureOf(thrown);
  }
};

const contextOf = (
  { principal, model, operation, connection, features, tools = [], remoteAddress }: Facts,
  tokens: number | undefined,
): object => ({
  request: { model: model ?? "", operation: operation.name, connection, features: [...features], tools: [...tools] },
  identity: {
    name: principal.name,
    kind: principal.kind,
    issuer: principal.issuer,
    subject: principal.subject,
    email: principal.email ?? "",
    groups: [...principal.groups],
  },
  source: remoteAddress,
  ...(tokens === undefined ? {} : { prompt: { tokens: BigInt(tokens) } }),
});

/** A condition in CEL, over whatever was declared. */
export interface Condition {
  /** Throws where it cannot be evaluated, or comes out neither true nor false. */
  test(context: object): boolean;
  /** Whether it asks for a declared variable. */
  asksFor(variable: string): boolean;
}

/** Compiles a condition. Throws {@link ExpressionError}. */
export const compileCondition = (source: string, declares: Declares): Condition => {
  const nodes = [...nodesOf(parse(environmentWith(declares, new Map()), source).ast)];
  const calls = nodes.flatMap((node) => matchCallOf(node) ?? []);
  const patterns = new Map(calls.map((call) => [call.pattern, compilePattern(call)]));
  const compiled = parse(environmentWith(declares, patterns), withOwnMatch(source, calls));
  const { valid, type, error } = compiled.check();
  if (!valid) throw failureOf(error);
  if (!answers.has(String(type))) throw new ExpressionError(`it is ${String(type)}, and must be true or false`, 0);
  return {
    asksFor: (variable) => nodes.some(({ op, args }) => op === "id" && args === variable),
    test: (context) => {
      const result: unknown = compiled(context);
      if (typeof result !== "boolean") throw new Error("an expression that is neither true nor false");
      return result;
    },
  };
};

/** What a condition's type may be: `dyn` is known only when it is evaluated. */
const answers: ReadonlySet<string> = new Set(["bool", "dyn"]);

/**
 * Compiles an expression over `request.{model, operation, connection, features, tools}`, `identity.{name, kind, issuer, subject, email, groups}`, `source` (the
 * caller's address) and, where `prompt` is allowed, `prompt.tokens`. It must be true or false. Throws {@link ExpressionError}.
 */
export const compileExpression = (source: string, { prompt }: { readonly prompt: boolean }): Expression => {
  const condition = compileCondition(source, declaresFacts);
  const countsTokens = condition.asksFor("prompt");
  if (countsTokens && !prompt) throw new ExpressionError("the prompt is not known here: it may be asked for in approval.when", 0);
  return { countsTokens, test: (facts, asked) => condition.test(contextOf(facts, countsTokens ? asked?.tokens() : undefined)) };
};
