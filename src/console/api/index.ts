/** The front door of the management API's server. */

export { type AdminServer, startAdminServer } from "./admin-server.ts";
