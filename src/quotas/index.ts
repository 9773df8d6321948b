/** The front door of limits of use. */

export { SharedQuotas } from "./quotas.ts";
