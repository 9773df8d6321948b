/** Decides: which policies fit a call, and what they oblige the gateway to. Arithmetic over plain data. */

import type { Decision, Facts, PolicySet } from "./decision.ts";
import type { PolicyDocument } from "./document.ts";
import { explainAllow, explainDeny } from "./explain.ts";
import type { ApprovalRule, Obligations, RecordLevel } from "./obligations.ts";
import { type ProgramSource, Programs } from "./programs.ts";
import { type AccessRule, compileAccess } from "./rules/access.ts";
import { compileApproval } from "./rules/approval.ts";
import { type CompiledPrompts, compilePrompts, unitePrompts } from "./rules/prompt.ts";

export interface PolicyOptions extends ProgramSource {
  /** Names the set: changes with any policy, detector or recording rule. */
  readonly revision: string;
  /** Packs or detectors that everything recorded is masked by (`recording.detectors`). */
  readonly recording: readonly string[];
}

interface CompiledPolicy {
  readonly index: number;
  readonly document: PolicyDocument;
  readonly access: AccessRule;
  readonly prompts: CompiledPrompts;
  readonly approval: ApprovalRule | undefined;
}

const compilePolicy = (document: PolicyDocument, index: number): CompiledPolicy => ({
  index,
  document,
  access: compileAccess(document.match),
  prompts: compilePrompts(document.name, document.prompts),
  approval: document.approval === undefined ? undefined : compileApproval(document.name, document.approval),
});

/** From the least to the most that is kept. */
const strictness: readonly RecordLevel[] = ["none", "metadata", "masked"];

/** The strictest record of several is the fullest one: what one policy wants on record, no other may keep off it. */
const strictest = (levels: readonly RecordLevel[]): RecordLevel => strictness.findLast((level) => levels.includes(level)) ?? "masked";

const smallest = (limits: readonly (number | undefined)[]): number | undefined => {
  const given = limits.filter((limit) => limit !== undefined);
  return given.length === 0 ? undefined : Math.min(...given);
};

/** Unites what several policies oblige to: masks and approvals add up, of limits the smallest counts, of retention the longest. */
const uniteObligations = (policies: readonly CompiledPolicy[], programs: Programs): Obligations => {
  const documents = policies.map(({ document }) => document);
  return {
    maskRequest: programs.forReader(documents, "request"),
    maskResponse: programs.forReader(documents, "response"),
    recordRequest: programs.forRecord(documents, "request"),
    recordResponse: programs.forRecord(documents, "response"),
    record: {
      request: strictest(documents.map(({ record }) => record.request)),
      response: strictest(documents.map(({ record }) => record.response)),
      retentionDays: Math.max(...documents.map(({ record }) => record.retentionDays)),
    },
    onUnmaskable: documents.some(({ mask }) => mask?.onUnmaskable === "refuse") ? "refuse" : "pass",
    prompts: unitePrompts(policies.map(({ prompts }) => prompts)),
    promptTokens: smallest(documents.map(({ promptTokens }) => promptTokens)),
    approvals: policies.flatMap(({ approval }) => approval ?? []),
  };
};

const names = (policies: readonly CompiledPolicy[]): readonly string[] => policies.map(({ document }) => document.name);

class CompiledPolicySet implements PolicySet {
  readonly revision: string;
  readonly recording: Obligations["recordRequest"];
  readonly #allows: readonly CompiledPolicy[];
  readonly #denies: readonly CompiledPolicy[];
  readonly #programs: Programs;
  /** By the indices of the policies that contribute; as many entries as there are combinations in use. */
  readonly #obligations = new Map<string, Obligations>();

  constructor(policies: readonly CompiledPolicy[], options: PolicyOptions) {
    this.revision = options.revision;
    this.#allows = policies.filter(({ document }) => document.effect === "allow");
    this.#denies = policies.filter(({ document }) => document.effect === "deny");
    this.#programs = new Programs(options, options.recording);
    this.recording = this.#programs.forRecord([], "request");
    for (const policy of this.#allows) this.#oblige([policy]);
  }

  decide(facts: Facts): Decision {
    const denying = this.#denies.filter((policy) => this.#fitsOrFails(policy, facts));
    if (denying.length > 0) return { effect: "deny", rules: names(denying), sentence: explainDeny(facts, names(denying)) };
    const allowing = this.#allows.filter(({ access }) => access.fits(facts));
    if (allowing.length === 0) return { effect: "deny", rules: [], sentence: explainDeny(facts, []) };
    const rules = names(allowing);
    return { effect: "allow", rules, sentence: explainAllow(facts, rules), obligations: this.#oblige(allowing) };
  }

  reaches(principal: Facts["principal"], connection: string): boolean {
    return this.#allows.some(({ access }) => access.reaches(principal, connection));
  }

  mayUse(principal: Facts["principal"], connection: string, model: string): boolean {
    const denied = this.#denies.some(
      ({ document, access }) => document.match.operations === undefined && access.reaches(principal, connection, model),
    );
    return !denied && this.#allows.some(({ access }) => access.reaches(principal, connection, model));
  }

  /** A deny that cannot be evaluated denies. */
  #fitsOrFails({ access }: CompiledPolicy, facts: Facts): boolean {
    try {
      return access.fits(facts);
    } catch {
      return true;
    }
  }

  #oblige(policies: readonly CompiledPolicy[]): Obligations {
    const key = policies.map(({ index }) => index).join();
    let obligations = this.#obligations.get(key);
    if (obligations === undefined) {
      obligations = uniteObligations(policies, this.#programs);
      this.#obligations.set(key, obligations);
    }
    return obligations;
  }
}

/**
 * Compiles every policy of one revision, programs included, so that no request waits for it. Throws PatternError and PromptPatternError for patterns
 * outside the engine's subset, and what `detectorsNamed` throws for an unknown detector.
 */
export const compilePolicies = (documents: readonly PolicyDocument[], options: PolicyOptions): PolicySet =>
  new CompiledPolicySet(documents.map(compilePolicy), options);
