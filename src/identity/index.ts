/** The front door of identity. */

export { Directory } from "./directory.ts";
export type { IdentitySettings, IssuerNetwork, IssuerSettings } from "./settings.ts";
