/** Makes the policies in force out of a configuration: the place where `config`, the catalogue and the masking engine meet. */

import { detectorsNamed } from "../policy/catalogue/index.ts";
import { compilePolicies, type PolicyDocument, type PolicySet, type ProgramSource } from "../policy/index.ts";
import { compile, laneOptions } from "../policy/masking/index.ts";
import type { Config, MaskConfig, PolicyConfig } from "./config/index.ts";

/** How programs are compiled everywhere in the gateway and its command line: with views of encodings and lanes of JSON. */
export const programSource: ProgramSource = {
  detectorsNamed,
  compileProgram: (detectors, keys) => compile(detectors, laneOptions(keys)),
};

const maskDocument = (mask: MaskConfig): NonNullable<PolicyDocument["mask"]> => ({
  ...mask,
  custom: mask.custom.map(({ name, regex, replace }) =>
    replace === undefined ? { name, pattern: regex } : { name, pattern: regex, replace },
  ),
});

/** A policy of the file as policy itself knows it. */
export const policyDocument = ({ name, match, effect, limits, prompts, approval, mask, record }: PolicyConfig): PolicyDocument => ({
  name,
  match,
  effect,
  promptTokens: limits.promptTokens,
  prompts,
  approval:
    approval === undefined
      ? undefined
      : { keywords: approval.when?.keywords ?? [], promptTokensOver: approval.when?.promptTokensOver },
  mask: mask === undefined ? undefined : maskDocument(mask),
  record,
});

/** Compiles a configuration's policies, programs included. Throws what `compilePolicies` throws; a checked configuration gives it no reason to. */
export const compileRules = (config: Config): PolicySet =>
  compilePolicies(config.policies.map(policyDocument), {
    ...programSource,
    revision: config.policyRevision,
    recording: config.recording.detectors,
  });

/** Whether any policy counts tokens, so that the tokenizer must be loaded. */
export const countsTokens = (config: Config): boolean =>
  config.policies.some(({ limits, approval }) => limits.promptTokens !== undefined || approval?.when?.promptTokensOver !== undefined);
