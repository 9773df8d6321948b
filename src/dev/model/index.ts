/** The front door of the sample model. */

export { naturalPace, type Pace } from "./pieces.ts";
export { chatModels, embeddingModel } from "./plan.ts";
export { type SampleModel, type SampleModelOptions, startSampleModel } from "./server.ts";
