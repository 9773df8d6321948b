/** The front door of the embedded database. */

export { type EmbeddedDatabase, startEmbedded } from "./start.ts";
