/** The port that callers reach. */

export { presentedCredentials } from "./credentials.ts";
export type { ListenerLimits } from "./limits.ts";
export { Listener } from "./listener.ts";
