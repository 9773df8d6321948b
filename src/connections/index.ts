/** The front door of connections. */

export { compileEgress, type Egress, NetworkInvalid } from "./egress.ts";
export { EgressForbidden, type Network, networkOf } from "./network.ts";
export { ObjectOwners } from "./object-owners.ts";
export { ConnectionRegistry, connectionsOf } from "./registry.ts";
export type { ConnectionSettings } from "./settings.ts";
