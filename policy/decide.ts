/** Decides: which policies fit a call, and what they oblige the gateway to. Arithmetic over plain data. */

import type { Principal } from "../src/envelope/call.ts";
import type { Scope } from "../src/envelope/scope.ts";
import { ConcernedPolicies } from "./concerned.ts";
import type { Decision, Facts, PolicySet } from "./decision.ts";
import type { PolicyDocument } from "./document.ts";
import { explainAllow, explainDeny, explainFailure, explainNothing } from "./explain.ts";
import type { Obligations } from "./obligations.ts";
import { ObservingPolicySet } from "./observe.ts";
import { type ProgramSource, Programs } from "./programs.ts";
import { compileAccess, listingOperation } from "./rules/access.ts";
import { compileApproval } from "./rules/approval.ts";
import { compileCondition } from "./rules/condition.ts";
import { compilePrompts } from "./rules/prompt.ts";
import { SharedMatchers } from "./rules/shared-matchers.ts";
import { compileTokenRule, type TokenRule, type TokenTerms, uniteTerms } from "./rules/token.ts";
import { compileTools } from "./rules/tools.ts";
import { type CompiledPolicy, uniteObligations } from "./unite.ts";

export interface PolicyOptions extends ProgramSource {
  /** Names the set: changes with any policy, detector or recording rule. */
  readonly revision: string;
  /** Packs or detectors that everything recorded is masked by (`recording.detectors`). */
  readonly recording: readonly string[];
}

/** Combinations of policies whose obligations are kept; a caller's groups choose among them, so that in practice there are a few dozen. */
const mostCombinations = 4096;

const compileAll = (documents: readonly PolicyDocument[]): readonly CompiledPolicy[] => {
  const matchers = new SharedMatchers();
  return documents.toSorted(byName).map((document, index) => ({
    index,
    document,
    access: compileAccess(document),
    condition: compileCondition(document.name, document.match),
    prompts: compilePrompts(document.name, document.prompts, matchers),
    tools: document.tools === undefined ? undefined : compileTools(document.name, document.tools),
    approval: document.approval === undefined ? undefined : compileApproval(document.name, document.approval, matchers),
  }));
};

const byName = (left: PolicyDocument, right: PolicyDocument): number => (left.name < right.name ? -1 : Number(left.name > right.name));

const names = (policies: readonly CompiledPolicy[]): readonly string[] => policies.map(({ document }) => document.name);

const allows = ({ document }: CompiledPolicy): boolean => document.effect === "allow";

/** A deny that depends on the moment hides nothing: what it is about is denied when it comes to it. */
const isUnconditional = ({ condition }: CompiledPolicy): boolean => condition === undefined;

const deny = (rules: readonly CompiledPolicy[], sentence: string): Decision => ({ effect: "deny", rules: names(rules), sentence });

/** Whether a deny takes everything that an allow gives, for the models that it is about. Which class an operation has is known only of a call. */
const shadows = (denying: CompiledPolicy, allowing: CompiledPolicy): boolean => {
  const denied = denying.document.match.operations;
  const allowed = allowing.document.match.operations;
  if (denied === undefined) return allowed === undefined;
  return allowed?.every((operation) => denied.includes(operation)) === true;
};

class CompiledPolicySet implements PolicySet {
  readonly revision: string;
  readonly recording: Obligations["recordRequest"];
  readonly #concerned: ConcernedPolicies;
  readonly #programs: Programs;
  readonly #tokenRules: readonly TokenRule[];
  /** By the indices of the policies that contribute. */
  readonly #obligations = new Map<string, Obligations>();

  constructor(policies: readonly CompiledPolicy[], options: PolicyOptions) {
    this.revision = options.revision;
    this.#concerned = new ConcernedPolicies(policies);
    this.#tokenRules = policies.filter(allows).flatMap(({ document }) => compileTokenRule(document) ?? []);
    this.#programs = new Programs(options, options.recording);
    this.recording = this.#programs.forRecord([], "request");
    this.#programs.prepare(policies.filter(allows).map(({ document }) => document));
  }

  decide(facts: Facts): Decision {
    const concerned = this.#concerned.of(facts.principal, facts.connection);
    const denying: CompiledPolicy[] = [];
    const fitting: CompiledPolicy[] = [];
    for (const policy of concerned) {
      try {
        if (fits(policy, facts) && policy.condition?.(facts) !== false) (allows(policy) ? fitting : denying).push(policy);
      } catch {
        return deny([policy], explainFailure(facts, names([policy])));
      }
    }
    if (denying.length > 0) return deny(denying, explainDeny(facts, names(denying)));
    if (!suffice(fitting, facts) || this.#listsNothing(facts))
      return deny([], explainNothing(facts, names(concerned.filter(allows)), suffice(fitting, facts) ? [] : names(fitting)));
    const rules = names(fitting);
    return { effect: "allow", rules, sentence: explainAllow(facts, rules), obligations: this.#obligeFor(facts, fitting) };
  }

  reaches(principal: Principal, connection: string): boolean {
    const concerned = this.#concerned.of(principal, connection);
    const denies = concerned.filter((policy) => !allows(policy) && isUnconditional(policy) && policy.document.match.models === undefined);
    return concerned.some((policy) => allows(policy) && !denies.some((denying) => shadows(denying, policy)));
  }

  mayUse(principal: Principal, connection: string, model: string): boolean {
    const fitting = this.#concerned.of(principal, connection).filter(({ access }) => access.fitsModel(model));
    const denies = fitting.filter((policy) => !allows(policy) && isUnconditional(policy));
    if (denies.some(({ document }) => document.match.operations === undefined)) return false;
    return fitting.some((policy) => allows(policy) && !denies.some((denying) => shadows(denying, policy)));
  }

  tokenTerms(principal: Principal, scope: Scope): TokenTerms {
    return uniteTerms(this.#tokenRules.filter((rule) => rule.concerns(principal, scope)));
  }

  /** A list is cut to what may be used: where denies take all of that, there is nothing to list. */
  #listsNothing({ operation, principal, connection }: Facts): boolean {
    return operation.name === listingOperation && !this.reaches(principal, connection);
  }

  /** What fits a list only because the list is cut to it asks nobody's approval: the calls that it is about will. */
  #obligeFor(facts: Facts, fitting: readonly CompiledPolicy[]): Obligations {
    const obligations = this.#oblige(fitting);
    if (facts.operation.name !== listingOperation || obligations.approvals.length === 0) return obligations;
    return { ...obligations, approvals: fitting.flatMap(({ access, approval }) => (access.covers(facts) ? (approval ?? []) : [])) };
  }

  #oblige(policies: readonly CompiledPolicy[]): Obligations {
    const key = policies.map(({ index }) => index).join();
    let obligations = this.#obligations.get(key);
    if (obligations === undefined) {
      if (this.#obligations.size >= mostCombinations) this.#obligations.clear();
      obligations = uniteObligations(policies, this.#programs);
      this.#obligations.set(key, obligations);
    }
    return obligations;
  }
}

/**
 * Whether a policy about this caller and connection fits the call: its operation, or a feature of it. So a deny that names a feature denies calls with it,
 * and a feature that one policy allows sheds nothing of what the others oblige to.
 */
const fits = ({ access }: CompiledPolicy, { operation, model, features }: Facts): boolean =>
  access.fits({ operation, model }) || features.some((feature) => access.names(feature, model));

/** Whether what fits allows the operation and names every feature. */
const suffice = (fitting: readonly CompiledPolicy[], { operation, model, features }: Facts): boolean =>
  fitting.some(({ access }) => access.fits({ operation, model })) &&
  features.every((feature) => fitting.some(({ access }) => access.names(feature, model)));

/**
 * Compiles every policy of one revision, programs included. The order of the documents makes no difference: they are taken by name.
 * @throws PatternError and PromptPatternError for patterns outside the engine's subset, and what `detectorsNamed` throws for an unknown detector.
 */
export const compilePolicies = (documents: readonly PolicyDocument[], options: PolicyOptions): PolicySet => {
  const observing = documents.filter(({ mode }) => mode === "observe");
  const real = new CompiledPolicySet(compileAll(documents.filter((document) => !observing.includes(document))), options);
  if (observing.length === 0) return real;
  return new ObservingPolicySet(real, new CompiledPolicySet(compileAll(documents), options), new Set(observing.map(({ name }) => name)));
};
