/** The front door of the core. */

export type { Connections, Identities, Ports, Recorder, SessionRecord, TokenCounter } from "./ports.ts";
export { makeServe } from "./serve.ts";
