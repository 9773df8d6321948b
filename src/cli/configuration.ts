/** Reading `weir.yaml` at the command line: problems are told as `file:line:column: what is wrong`. */

import { ConfigError, type Loaded, loadConfig, loadStructure, type PolicyConfig } from "../config/index.ts";
import { compileEgress } from "../connections/index.ts";
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
