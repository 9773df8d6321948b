/** The front door of token counting. */

export { loadTokenCounter } from "./count.ts";
