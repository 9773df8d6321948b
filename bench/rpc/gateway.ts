/** Weir as a part of the comparison. Arguments: the upstream's port, and `pass`, `record` or `mask`. */

import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { echoFile } from "../../test/support/connect-echo.ts";
import { startTestGateway } from "../../test/support/gateway.ts";
import { reportCpu } from "./load.ts";

const [, , upstream, mode] = process.argv;
const descriptors = join(await mkdtemp(join(tmpdir(), "weir-bench-")), "echo.binpb");
await writeFile(descriptors, toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: [echoFile] })));

const modes: Readonly<Record<string, { readonly connection: string; readonly policy: string }>> = {
  pass: { connection: "", policy: "record: { request: metadata, response: metadata }" },
  record: { connection: "", policy: "" },
  mask: {
    connection: `descriptors: { file: ${JSON.stringify(descriptors)}, join: [test.Text.text] }`,
    policy: "mask: { request: [all], response: [all] }",
  },
};
const chosen = modes[mode ?? ""];
if (chosen === undefined) throw new Error(`no such mode: ${mode}`);

const gateway = await startTestGateway({
  configuration: `
egress: { allow: [127.0.0.0/8] }
connections:
  - name: echo
    protocol: grpc
    upstream: http://127.0.0.1:${upstream}
    route: { services: [test.Echo] }
    anonymous: true
    ${chosen.connection}
policies:
  - name: everybody
    match: { identities: [anonymous], connections: [echo] }
    effect: allow
    ${chosen.policy}
`,
  env: {},
});
reportCpu(() => gateway.close());
process.send?.({ port: gateway.port });
