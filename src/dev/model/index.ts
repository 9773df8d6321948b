/** The front door of the sample model. */

export { type SampleModel, startSampleModel } from "./server.ts";
