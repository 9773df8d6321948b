/** The port that callers reach. */

export { presentedCredentials } from "./credentials.ts";
export type { Direct } from "./direct.ts";
export type { ListenerLimits } from "./limits.ts";
export { Listener } from "./listener.ts";
export type { AnySurface, HttpSurface, RpcSurface } from "./surfaces.ts";
export type { TlsOptions } from "./tls.ts";
