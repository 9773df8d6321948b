/** The front door of connections. */

export { compileEgress, type Egress, EgressForbidden, NetworkInvalid } from "./egress.ts";
export { ConnectionRegistry } from "./registry.ts";
export type { ConnectionSettings, RouteSettings, Sealed } from "./settings.ts";
