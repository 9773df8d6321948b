/** The front door of revocation. */

export type { Revocable } from "./revocable.ts";
export { type Actor, Revocations } from "./revocations.ts";
