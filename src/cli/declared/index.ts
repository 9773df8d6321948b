/** Commands about what is declared to a running gateway. */

export { applyCommand } from "./apply.ts";
export { connectionsCommand } from "./connections.ts";
export { issuersCommand } from "./issuers.ts";
export { policiesCommand } from "./policies.ts";
