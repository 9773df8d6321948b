/** The front door of connections. */

export { compileEgress, type Egress, EgressForbidden, egressInForce, NetworkInvalid } from "./egress.ts";
export { ObjectOwners } from "./object-owners.ts";
export { ConnectionRegistry, connectionsOf } from "./registry.ts";
export type { ConnectionSettings } from "./settings.ts";
