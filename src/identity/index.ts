/** The front door of identity. */

export { Directory, type DirectoryOptions } from "./directory.ts";
export type { IdentitySettings, IssuerNetwork, IssuerSettings, KeySettings } from "./settings.ts";
