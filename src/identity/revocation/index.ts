/** The front door of revocation. */

export type { Revocable } from "./revocable.ts";
export { Revocations } from "./revocations.ts";
