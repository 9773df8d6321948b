/** The front door of the embedded database. */

export { type EmbeddedDatabase, type EmbeddedOptions, startEmbedded } from "./start.ts";
