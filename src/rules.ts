/** Makes the policies in force out of a configuration: the place where `config`, the catalogue and the masking engine meet. */

import { detectorsNamed, UnknownDetector } from "../policy/catalogue/index.ts";
import {
  answerDetectors,
  ConditionError,
  compileCondition,
  compileExpression,
  compilePolicies,
  compilePrompts,
  ExpressionError,
  type PolicyDocument,
  type PolicySet,
  type ProgramSource,
  PromptPatternError,
  topicsNamed,
  UnknownTopic,
} from "../policy/index.ts";
import { compile, compileKeys, type KeyedHash, laneOptions, PatternError } from "../policy/masking/index.ts";
import type { Config, Finding, Loaded, MaskConfig, Path, PolicyConfig } from "./config/index.ts";
import { refuse } from "./config/index.ts";
import { KeptPrograms } from "./kept-programs.ts";
import { pseudonyms } from "./pseudonyms.ts";

/** How programs are compiled in the gateway: with views of encodings, lanes of JSON, and what makes pseudonyms. */
const programSource = (hash: KeyedHash, kept: KeptPrograms): ProgramSource => ({
  detectorsNamed,
  compileProgram: kept.through((detectors, keys) => compile(detectors, { ...laneOptions(keys), hash })),
});

/** Stands for the key where a pattern is only checked. */
const anyHash: KeyedHash = () => "";

/** Runs a check and tells what it throws as something wrong at a path; what it does not know it throws on. */
const finding = (path: Path, check: () => unknown): readonly Finding[] => {
  try {
    check();
    return [];
  } catch (thrown) {
    if (thrown instanceof PatternError) return [{ path, message: thrown.message, offset: thrown.position }];
    if (thrown instanceof UnknownDetector || thrown instanceof UnknownTopic) return [{ path, message: thrown.message }];
    throw thrown;
  }
};

const unknownDetectors = (path: Path, names: readonly string[]): readonly Finding[] =>
  names.flatMap((name, index) => finding([...path, index], () => detectorsNamed([name])));

const maskFindings = (path: Path, mask: MaskConfig): readonly Finding[] => [
  ...unknownDetectors([...path, "request"], mask.request),
  ...unknownDetectors([...path, "response"], mask.response),
  ...mask.custom.flatMap((custom, index) => finding([...path, "custom", index, "regex"], () => compile([custom], { hash: anyHash }))),
  ...mask.keys.flatMap((key, index) => finding([...path, "keys", index], () => compileKeys([key]))),
];

const promptFindings = (path: Path, { name, prompts }: PolicyConfig): readonly Finding[] =>
  (["deny", "allow"] as const).flatMap((list) =>
    prompts[list].flatMap((pattern, index) => {
      try {
        compilePrompts(name, { deny: [pattern], allow: [] });
        return [];
      } catch (thrown) {
        if (!(thrown instanceof PromptPatternError)) throw thrown;
        return [{ path: [...path, "prompts", list, index], message: thrown.message, offset: thrown.position }];
      }
    }),
  );

const topicFindings = (path: Path, { prompts, approval }: PolicyConfig): readonly Finding[] => {
  const unknown = (at: Path, names: readonly string[]): readonly Finding[] =>
    names.flatMap((name, index) => finding([...at, index], () => topicsNamed([name])));
  return [
    ...unknown([...path, "prompts", "topics"], prompts.topics),
    ...unknown([...path, "approval", "when", "topics"], approval?.topics ?? []),
  ];
};

const noAnswers = { deny: [], keywords: [], mask: [] };

const answerFindings = (path: Path, { name, answers }: PolicyConfig): readonly Finding[] =>
  (["deny", "keywords", "mask"] as const).flatMap((list) =>
    (answers?.[list] ?? []).flatMap((written, index) =>
      finding([...path, "answers", list, index], () => compile(answerDetectors(name, { ...noAnswers, [list]: [written] }))),
    ),
  );

/** Conditions and expressions, each by itself. */
const conditionFindings = (path: Path, { name, match, approval }: PolicyConfig): readonly Finding[] => {
  const findings: Finding[] = [];
  const check = (at: Path, work: () => unknown): void => {
    try {
      work();
    } catch (thrown) {
      if (!(thrown instanceof ConditionError) && !(thrown instanceof ExpressionError)) throw thrown;
      findings.push({ path: at, message: thrown.message, offset: thrown.position });
    }
  };
  const { times, networks, expression } = match;
  check([...path, "match", "times"], () => compileCondition(name, { times }));
  check([...path, "match", "networks"], () => compileCondition(name, { networks }));
  check([...path, "match", "expression"], () => compileCondition(name, { expression }));
  const asked = approval?.expression;
  if (asked !== undefined) check([...path, "approval", "when", "expression"], () => compileExpression(asked, { prompt: true }));
  return findings;
};

type RuleParts = Pick<Config, "policies" | "recording">;

/** Everything in a configuration that policy cannot be made of, each pattern and detector by itself, so that all of it is told at once. */
const ruleFindings = (config: RuleParts): readonly Finding[] => [
  ...unknownDetectors(["recording", "detectors"], config.recording.detectors),
  ...config.policies.flatMap((policy, index) => {
    const path: Path = ["policies", index];
    return [
      ...(policy.mask === undefined ? [] : maskFindings([...path, "mask"], policy.mask)),
      ...promptFindings(path, policy),
      ...topicFindings(path, policy),
      ...answerFindings(path, policy),
      ...conditionFindings(path, policy),
    ];
  }),
];

/** The part of a loaded configuration that policies are made of. */
export interface RuleSource extends Pick<Loaded, "places"> {
  readonly config: Pick<Config, "policies" | "recording" | "policyRevision" | "encryptionKey">;
}

/**
 * Looks at everything that policies are made of, without making them.
 * @throws ConfigError with every pattern, detector and path that cannot be used, by file, line and column.
 */
export const checkRules = ({ config, places }: Pick<RuleSource, "places"> & { readonly config: RuleParts }): void => {
  const findings = ruleFindings(config);
  if (findings.length > 0) throw refuse(places, findings);
};

/**
 * Compiles a configuration's policies, programs included. `kept`: those of the sets before, under the same key.
 * @throws ConfigError with every pattern, detector and path that cannot be used, by file, line and column.
 */
export const compileRules = ({ config, places }: RuleSource, kept = new KeptPrograms()): PolicySet => {
  checkRules({ config, places });
  const documents: readonly PolicyDocument[] = config.policies;
  kept.beginSet();
  const source = programSource(pseudonyms(config.encryptionKey.reveal()), kept);
  return compilePolicies(documents, { ...source, revision: config.policyRevision, recording: config.recording.detectors });
};

/** Whether any policy counts tokens, so that the tokenizer must be loaded. */
export const countsTokens = (config: Config): boolean =>
  config.policies.some(
    ({ promptTokens, outputTokens, quota, approval }) =>
      outputTokens !== undefined ||
      promptTokens !== undefined ||
      quota?.tokensPerDay !== undefined ||
      approval?.promptTokensOver !== undefined ||
      (approval?.expression !== undefined && compileExpression(approval.expression, { prompt: true }).countsTokens),
  );
