/** The front door of the configuration: for composition roots only; features get what they need of it. */

export type {
  ApprovalConfig,
  Config,
  ConnectionConfig,
  ConnectionRoute,
  CustomDetectorConfig,
  Database,
  Egress,
  Endpoint,
  IdentityConfig,
  IssuerConfig,
  MaskConfig,
  MatchConfig,
  PolicyConfig,
  RecordConfig,
  Recording,
  Roles,
  SigningAlgorithm,
} from "./config.ts";
export { publishSchema } from "./json-schema.ts";
export { type Environment, type Loaded, type LoadOptions, loadConfig, loadStructure, parseConfig, refuse, type Structure } from "./load.ts";
export { printResolved } from "./print.ts";
export { ConfigError, type Finding, type Path, type Position, type Problem, printProblem } from "./problem.ts";
export { Secret } from "./secret.ts";
export type { Places } from "./source.ts";
export { type ConfigWatch, type FixedSetting, type Reload, type WatchOptions, watchConfig } from "./watch.ts";
