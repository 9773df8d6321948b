/** The port that callers reach. */

export { presentedCredentials } from "./credentials.ts";
export { defaultListenerLimits, type ListenerLimits } from "./limits.ts";
export { type HttpSurface, Listener, type ListenerOptions } from "./listener.ts";
