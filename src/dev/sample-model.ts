/** The sample model as a program of its own: `sample-model [--address A] [--port N]`. */

import { parseArgs } from "node:util";
import { startSampleModel } from "./model/index.ts";

const { values } = parseArgs({ options: { address: { type: "string", default: "127.0.0.1" }, port: { type: "string", default: "9000" } } });

const model = await startSampleModel({ address: values.address, port: Number(values.port) });
console.error(`The sample model listens on ${model.url}`);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void model.close());
