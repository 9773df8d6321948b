/** The port that callers reach. */

export { defaultListenerLimits, type ListenerLimits } from "./limits.ts";
export { type HttpSurface, Listener, type ListenerOptions } from "./listener.ts";
