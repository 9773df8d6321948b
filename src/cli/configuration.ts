/** Reading `weir.yaml` at the command line: problems are told as `file:line:column: what is wrong`. */

import { randomBytes } from "node:crypto";
import { ConfigError, type Loaded, loadConfig, loadStructure, type PolicyConfig, Secret } from "../config/index.ts";
import { compileEgress } from "../connections/index.ts";
import type { compileRules } from "../main.ts";
import { ConfigurationRefused } from "./failure.ts";

/** Runs what may refuse a configuration, and fails the command with all that is wrong. */
export const orRefuse = async <T>(work: () => T | Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (thrown) {
    throw thrown instanceof ConfigError ? new ConfigurationRefused(thrown.message) : thrown;
  }
};

/** The configuration with its secrets. Rejects with CommandFailed. */
export const readConfiguration = (file: string): Promise<Loaded> => orRefuse(() => loadConfig(file, { env: process.env, compileEgress }));

/** The policies of a configuration, read where its secrets are not. Rejects with CommandFailed. */
export const readPolicies = async (file: string): Promise<readonly PolicyConfig[]> => (await orRefuse(() => loadStructure(file))).policies;

const keyBytes = 32;

/** Stands for the key that was not looked up: pseudonyms are the same within one run, and no other. */
const keyOfThisRun = (): Secret => new Secret(randomBytes(keyBytes).toString("base64"), "a key of this run");

/** What policies are made of, read where a configuration's secrets are not. Rejects with CommandFailed. */
export const readRules = async (file: string): Promise<Parameters<typeof compileRules>[0]> => {
  const { policies, recording, places } = await orRefuse(() => loadStructure(file));
  return { config: { policies, recording, policyRevision: "file", encryptionKey: keyOfThisRun() }, places };
};
