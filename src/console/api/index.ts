/** The front door of the management API's server. */

export { type AdminServer, startAdminServer } from "./admin-server.ts";
export { approvalRoutes } from "./approval-service.ts";
export type { Auditing } from "./audit.ts";
export { auditRoutes } from "./audit-service.ts";
export { configurationRoutes } from "./configuration-service.ts";
export { connectionRoutes } from "./connection-service.ts";
export { identityRoutes } from "./identity-service.ts";
export type { Person, PersonRole } from "./person.ts";
export { policyRoutes } from "./policy-service.ts";
export { type SessionRoutesOptions, sessionRoutes } from "./session-service.ts";
export { tokenRoutes } from "./token-service.ts";
