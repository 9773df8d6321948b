/** The front door of the management API's server. */

export { type AdminServer, startAdminServer } from "./admin-server.ts";
export { type Person, type PersonRole, type SessionRoutesOptions, sessionRoutes } from "./session-service.ts";
