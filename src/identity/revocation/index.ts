/** The front door of revocation. */

export { objectOf, type Revocable } from "./revocable.ts";
export { Revocations } from "./revocations.ts";
