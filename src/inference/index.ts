/** The front door of the gateway's own inference service. */

export type { AskOpenai, OpenaiAnswer, OpenaiCall } from "./openai.ts";
export { inferenceSurface } from "./surface.ts";
