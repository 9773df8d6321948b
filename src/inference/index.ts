/** The front door of the gateway's own inference service. */

export { inferenceSurface } from "./surface.ts";
