/** The rules of ARCHITECTURE.md 1.2 once more, written down as they are read there and without a thought of speed: what the real decision must agree with. */

import type { Facts, PolicyDocument } from "../../policy/index.ts";
import type { Scope } from "../../src/envelope/scope.ts";

const some = (values: readonly string[] | undefined, fits: (value: string) => boolean): boolean =>
  values === undefined || values.some(fits);

const globFits = (glob: string, name: string): boolean =>
  new RegExp(
    `^${glob
      .split("*")
      .map((part) => part.replace(/[^a-z0-9]/gi, "\\$&"))
      .join(".*")}$`,
    "s",
  ).test(name);

const identityFits = (wanted: readonly string[] | undefined, { principal }: Facts): boolean => {
  if (principal.kind === "anonymous") return wanted?.includes("anonymous") ?? false;
  const full = `${principal.issuer}/${principal.subject}`;
  return some(wanted, (name) => name !== "anonymous" && (name === full || (!name.includes("/") && name === principal.name)));
};

const anywhere: Omit<Facts, "principal"> = {
  connection: "",
  model: undefined,
  operation: { name: "", class: "inference" },
  features: [],
  tools: [],
  at: 0,
  remoteAddress: "",
};

type Rule = Pick<PolicyDocument, "match" | "effect">;

const callerFits = ({ match }: Rule, facts: Facts): boolean =>
  identityFits(match.identities, facts) &&
  some(match.groups, (group) => facts.principal.groups.includes(group)) &&
  some(match.connections, (connection) => connection === facts.connection) &&
  some(match.kinds, (kind) => kind === facts.principal.kind);

/** Read off the few networks and expressions that generated policies have. */
const networkFits = (network: string, address: string): boolean => {
  if (network === "10.0.0.0/8") return address.startsWith("10.") || address.startsWith("::ffff:10.");
  return network === "2001:db8::/32" ? address.startsWith("2001:db8:") : network === address;
};

const conditionsFit = ({ match }: Rule, { at, remoteAddress, model, principal, tools = [] }: Facts): boolean => {
  const hour = new Date(at).getUTCHours();
  const inTime = match.times === undefined || (hour >= 8 && hour < 18);
  const holds = match.expression?.startsWith("request.model")
    ? model === "gpt-4o"
    : match.expression?.includes("request.tools")
      ? tools.includes("delete_file")
      : principal.groups.includes("analysts");
  return inTime && some(match.networks, (network) => networkFits(network, remoteAddress)) && (match.expression === undefined || holds);
};

const modelFits = ({ match }: Rule, { model }: Facts): boolean =>
  some(match.models, (glob) => model !== undefined && globFits(glob, model));

const operationFits = ({ match, effect }: Rule, facts: Facts): boolean => {
  if (effect === "allow" && facts.operation.name === "models.list") return true;
  const named = match.operations === undefined ? facts.operation.class === "inference" : match.operations.includes(facts.operation.name);
  return named && modelFits({ match, effect }, facts);
};

const featureFits = (policy: Rule, facts: Facts, feature: string): boolean =>
  policy.match.operations?.includes(feature) === true && modelFits(policy, facts);

/** Whether some allow is left by the denies that are about every model: one without operations takes allows without operations, one with them what it names. */
const somethingIsLeft = (policies: readonly Rule[], facts: Facts): boolean => {
  const about = policies.filter((policy) => callerFits(policy, facts));
  const denies = about.filter(({ match, effect }) => effect === "deny" && match.models === undefined);
  const takes = (denied: readonly string[] | undefined, allowed: readonly string[] | undefined): boolean =>
    denied === undefined ? allowed === undefined : allowed?.every((operation) => denied.includes(operation)) === true;
  return about.some(({ match, effect }) => effect === "allow" && !denies.some((deny) => takes(deny.match.operations, match.operations)));
};

const fittingOf = (policies: readonly PolicyDocument[], facts: Facts): readonly PolicyDocument[] =>
  policies
    .filter((policy) => callerFits(policy, facts) && conditionsFit(policy, facts))
    .filter((policy) => operationFits(policy, facts) || facts.features.some((feature) => featureFits(policy, facts, feature)));

/** The names of the allows about a call that do not let a tool be offered, in order. */
export const naiveToolRefusals = (policies: readonly PolicyDocument[], facts: Facts, tool: string): readonly string[] =>
  fittingOf(policies, facts)
    .filter(({ effect, tools }) => {
      const isAllowed =
        tools === undefined || (tools.allow.some((glob) => globFits(glob, tool)) && !tools.deny.some((glob) => globFits(glob, tool)));
      return effect === "allow" && !isAllowed;
    })
    .map(({ name }) => name)
    .sort();

const mayMeet = (ours: readonly string[] | undefined, theirs: readonly string[] | undefined): boolean =>
  ours === undefined || theirs === undefined || ours.some((name) => theirs.includes(name));

/** Read off the few globs that generated policies and scopes have: those without a model in common are these. */
const strangers: ReadonlySet<string> = new Set([
  ...["gpt-4o *mini", "gpt-4o g*4*i", "llama gpt-4o", "llama gpt-4*", "llama *mini", "llama g*4*i"],
]);
const modelsMayMeet = (ours: readonly string[] | undefined, theirs: readonly string[] | undefined): boolean =>
  ours === undefined ||
  theirs === undefined ||
  ours.some((one) => theirs.some((other) => one === other || !(strangers.has(`${one} ${other}`) || strangers.has(`${other} ${one}`))));

/** The shortest life that the allows let a token have which would reach what they are about, and the names of those that want a person's yes. */
export const naiveTerms = (policies: readonly PolicyDocument[], principal: Facts["principal"], scope: Scope) => {
  const about = policies.filter(
    ({ effect, match, tokens }) =>
      effect === "allow" &&
      tokens !== undefined &&
      callerFits({ effect, match: { ...match, connections: undefined } }, { ...anywhere, principal }) &&
      mayMeet(match.connections, scope.connections) &&
      modelsMayMeet(match.models, scope.models) &&
      mayMeet(match.operations, scope.operations),
  );
  const lifetimes = about.flatMap(({ tokens }) => tokens?.lifetime ?? []);
  return {
    lifetime: lifetimes.length === 0 ? undefined : Math.min(...lifetimes),
    approvals: about.flatMap(({ name, tokens }) => (tokens?.approval === undefined ? [] : [name])).sort(),
  };
};

/** The names of the policies that decide, in order, and their verdict. */
export const naiveDecision = (policies: readonly PolicyDocument[], facts: Facts) => {
  const fitting = fittingOf(policies, facts);
  const names = (effect: PolicyDocument["effect"]) =>
    fitting
      .filter((policy) => policy.effect === effect)
      .map(({ name }) => name)
      .sort();
  const allows = fitting.filter(({ effect }) => effect === "allow");
  const suffices =
    allows.some((policy) => operationFits(policy, facts)) &&
    facts.features.every((feature) => allows.some((policy) => featureFits(policy, facts, feature)));
  if (names("deny").length > 0) return { effect: "deny", rules: names("deny") };
  if (facts.operation.name === "models.list" && !somethingIsLeft(policies, facts)) return { effect: "deny", rules: [] };
  return suffices ? { effect: "allow", rules: names("allow") } : { effect: "deny", rules: [] };
};
