/** Policies in observe mode: what is decided is what the others decide; what they would have changed is said in the sentence, and evaluated for the record. */

import type { Principal } from "../src/envelope/call.ts";
import type { Scope } from "../src/envelope/scope.ts";
import type { Decision, Facts, PolicySet } from "./decision.ts";
import type { Obligations } from "./obligations.ts";
import type { TokenTerms } from "./rules/token.ts";

const would = ({ effect }: Decision): string => (effect === "deny" ? "would deny" : "would add to what is asked of it");

/** Those of a decision's rules that only observe. */
const observers = ({ rules }: Decision, observing: ReadonlySet<string>): readonly string[] => rules.filter((rule) => observing.has(rule));

const sentenceOf = (real: Decision, all: Decision, names: readonly string[]): string =>
  `${real.sentence} In observe mode, ${names.join(" and ")} ${would(all)}.`;

/** Prompt and approval rules of the whole set are evaluated beside those in force; what only those in force say is known anyway. */
const observed = (all: Decision): Obligations["observed"] =>
  all.effect === "allow"
    ? {
        prompts: all.obligations.prompts,
        approvals: all.obligations.approvals,
        answers: all.obligations.watchResponse,
        tools: all.obligations.tools,
      }
    : undefined;

export class ObservingPolicySet implements PolicySet {
  readonly #real: PolicySet;
  readonly #all: PolicySet;
  readonly #observing: ReadonlySet<string>;

  /** `real` has the policies in force; `all` those that observe as well, whose names are `observing`. */
  constructor(real: PolicySet, all: PolicySet, observing: ReadonlySet<string>) {
    this.#real = real;
    this.#all = all;
    this.#observing = observing;
  }

  get revision(): string {
    return this.#real.revision;
  }

  get recording(): PolicySet["recording"] {
    return this.#real.recording;
  }

  decide(facts: Facts): Decision {
    const real = this.#real.decide(facts);
    const all = this.#all.decide(facts);
    const names = observers(all, this.#observing);
    if (names.length === 0) return real;
    const sentence = sentenceOf(real, all, names);
    if (real.effect === "deny") return { ...real, sentence };
    return { ...real, sentence, obligations: { ...real.obligations, observed: observed(all) } };
  }

  reaches(principal: Principal, connection: string): boolean {
    return this.#real.reaches(principal, connection);
  }

  tokenTerms(principal: Principal, scope: Scope): TokenTerms {
    return this.#real.tokenTerms(principal, scope);
  }

  mayUse(principal: Principal, connection: string, model: string): boolean {
    return this.#real.mayUse(principal, connection, model);
  }
}
