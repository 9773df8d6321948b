/** Which program masks: packs named at the command line, or what a policy of a configuration names. */

import { createHmac, randomBytes } from "node:crypto";
import { detectorsNamed, UnknownDetector } from "../../policy/catalogue/index.ts";
import { compile, type KeyedHash, laneOptions, PatternError, type Program } from "../../policy/masking/index.ts";
import type { PolicyConfig } from "../config/index.ts";
import { readPolicies } from "./configuration.ts";
import { CommandFailed, wrongUsage } from "./failure.ts";

export interface ProgramChoice {
  readonly packs?: readonly string[];
  readonly config?: string;
  readonly policy?: string;
  readonly direction: "request" | "response";
}

const everything: readonly string[] = ["all"];

const policyNamed = (policies: readonly PolicyConfig[], name: string | undefined): PolicyConfig => {
  const masking = policies.filter(({ mask }) => mask !== undefined);
  const found = name === undefined && masking.length === 1 ? masking[0] : policies.find((policy) => policy.name === name);
  if (found !== undefined) return found;
  const names = policies.map((policy) => policy.name).join(", ");
  throw wrongUsage(
    name === undefined ? `Name one of the policies with --policy: ${names}.` : `There is no policy "${name}"; there are: ${names}.`,
  );
};

const keyBytes = 32;

/** No secret of a configuration is resolved here: pseudonyms (`replace: { hash: true }`) are the same within one run, and no other. */
const hashOfThisRun = (): KeyedHash => {
  const key = randomBytes(keyBytes);
  return (secret) => createHmac("sha256", key).update(secret).digest("hex");
};

const build = async (choice: ProgramChoice): Promise<Program> => {
  if (choice.config === undefined) return compile(detectorsNamed(choice.packs ?? everything), laneOptions());
  const { mask } = policyNamed(await readPolicies(choice.config), choice.policy);
  const names = [...(mask?.[choice.direction] ?? []), ...(choice.packs ?? [])];
  return compile([...(mask?.custom ?? []), ...detectorsNamed(names)], { ...laneOptions(mask?.keys ?? []), hash: hashOfThisRun() });
};

/** Compiles what the options choose: with `config` a policy's masks (and `packs` besides), else `packs`, else every detector. Rejects with CommandFailed. */
export const chooseProgram = async (choice: ProgramChoice): Promise<Program> => {
  if (choice.policy !== undefined && choice.config === undefined)
    throw wrongUsage("--policy names a policy of a configuration: give --config too.");
  if (choice.packs?.length === 0) throw wrongUsage("--packs names nothing: give packs or detectors, or all.");
  try {
    return await build(choice);
  } catch (thrown) {
    if (thrown instanceof UnknownDetector) throw wrongUsage(`${thrown.message}.`);
    if (thrown instanceof PatternError) throw new CommandFailed(thrown.message);
    throw thrown;
  }
};
