/** The front door of the configuration: for composition roots only; features get what they need of it. */

export type { Config, Database, MaskConfig, PolicyConfig, Roles } from "./config.ts";
export {
  type Declarations,
  type DeclaredObject,
  type DeclaredSection,
  parseDeclaration,
  parseDeclarations,
} from "./declared-file.ts";
export { fileObjects } from "./documents.ts";
export { publishSchema } from "./json-schema.ts";
export { type Environment, type Loaded, type LoadOptions, loadConfig, loadStructure, parseConfig, readConfig, refuse } from "./load.ts";
export { printResolved } from "./print.ts";
export { ConfigError, type Finding, type Path, printProblem } from "./problem.ts";
export { Secret } from "./secret.ts";
export { parseShaped } from "./shaped-file.ts";
export { unite } from "./unite.ts";
export { type ConfigWatch, type Reload, watchConfig } from "./watch.ts";
