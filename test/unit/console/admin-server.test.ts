import { fileURLToPath } from "node:url";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { credentials, loadPackageDefinition, type ServiceClientConstructor } from "@grpc/grpc-js";
import { loadFileDescriptorSetFromBuffer, loadSync } from "@grpc/proto-loader";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AdminServer, startAdminServer } from "../../../src/console/api/index.ts";
import { SessionService } from "../../../src/gen/weir/v1/session_pb.ts";

/** Tools read these files too: what they ask for is what stands in them. */
const protos = fileURLToPath(new URL("../../../proto/grpc/", import.meta.url));

/** A client of grpc-js by the service's full name. */
const foreignClient = (file: string, service: string, port: number) => {
  const loaded: unknown = loadPackageDefinition(loadSync(file, { includeDirs: [protos] }));
  const found = service
    .split(".")
    .reduce<unknown>((at, name) => (typeof at === "object" && at !== null ? Reflect.get(at, name) : at), loaded);
  const Client = found as ServiceClientConstructor;
  return new Client(`127.0.0.1:${port}`, credentials.createInsecure());
};

let server: AdminServer;
let up = true;

beforeAll(async () => {
  server = await startAdminServer({
    address: "127.0.0.1",
    port: 0,
    routes: (router) => void router.service(SessionService, { listSessions: () => ({ nextPageToken: "here" }) }),
    ready: () => up,
    metrics: async () => ({ contentType: "text/plain", text: "weir_up 1\n" }),
  });
});
afterAll(() => server.close());

describe("the admin listener", () => {
  const at = (path: string) => fetch(`http://127.0.0.1:${server.port}${path}`);

  it("tells its health and metrics to whoever asks", async () => {
    expect((await at("/healthz")).status).toBe(200);
    expect((await at("/readyz")).status).toBe(200);
    expect(await (await at("/metrics")).text()).toBe("weir_up 1\n");
    expect((await at("/elsewhere")).status).toBe(404);
  });

  it("says at an approval's link how to decide, and repeats nothing else that an address says", async () => {
    const page = await at("/approvals/apr_AAAAAAAAAAAAAAAA");
    expect(page.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(await page.text()).toContain("weir approvals approve apr_AAAAAAAAAAAAAAAA\n");
    expect((await at("/approvals/apr_AAAAAAAAAAAAAAAA;id")).status).toBe(404);
    expect((await at("/approvals/")).status).toBe(404);
  });

  it.each(["1.1", "2"] as const)("offers its services over HTTP/%s", async (httpVersion) => {
    const client = createClient(SessionService, createConnectTransport({ baseUrl: `http://127.0.0.1:${server.port}`, httpVersion }));
    expect((await client.listSessions({})).nextPageToken).toBe("here");
  });
});

describe("gRPC's health service, asked by grpc-js,", () => {
  const file = "grpc/health/v1/health.proto";
  let client: InstanceType<ServiceClientConstructor>;
  beforeAll(() => {
    client = foreignClient(file, "grpc.health.v1.Health", server.port);
  });
  afterAll(() => client.close());

  const check = (service: string): Promise<string> =>
    new Promise((resolve, reject) => {
      client.Check?.({ service }, (error: Error | null, answer: { readonly status: string }) =>
        error === null ? resolve(answer.status) : reject(error),
      );
    });

  it.each(["", "weir.v1.SessionService", "weir.v1.InferenceService"])("says that '%s' is up, and when it is not", async (service) => {
    expect(await check(service)).toBe(1);
    up = false;
    expect(await check(service)).toBe(2);
    up = true;
  });

  it("knows no service that there is not", async () => {
    await expect(check("weir.v1.NoService")).rejects.toMatchObject({ code: 5 });
  });

  it("tells a change to whoever watches", async () => {
    const stream = client.Watch?.({ service: "" });
    const told: number[] = [];
    await new Promise<void>((resolve) => {
      stream?.on("error", () => {});
      stream?.on("data", ({ status }: { readonly status: number }) => {
        told.push(status);
        if (told.length === 1) up = false;
        else resolve();
      });
    });
    stream?.cancel();
    up = true;
    expect(told).toEqual([1, 2]);
  });
});

describe.each(["v1", "v1alpha"])("gRPC's reflection service %s, asked by grpc-js,", (version) => {
  let client: InstanceType<ServiceClientConstructor>;
  beforeAll(() => {
    client = foreignClient(`grpc/reflection/${version}/reflection.proto`, `grpc.reflection.${version}.ServerReflection`, server.port);
  });
  afterAll(() => client.close());

  interface Told {
    readonly listServicesResponse?: { readonly service: readonly { readonly name: string }[] };
    readonly fileDescriptorResponse?: { readonly fileDescriptorProto: readonly Buffer[] };
    readonly errorResponse?: { readonly errorCode: number };
  }

  /** Several questions on one stream, answered in order. */
  const ask = (questions: readonly object[]): Promise<readonly Told[]> =>
    new Promise((resolve, reject) => {
      const stream = client.ServerReflectionInfo?.();
      const answers: Told[] = [];
      stream?.on("data", (answer: Told) => answers.push(answer));
      stream?.on("error", reject);
      stream?.on("end", () => resolve(answers));
      for (const question of questions) stream?.write(question);
      stream?.end();
    });

  it("lists the services", async () => {
    const [told] = await ask([{ listServices: "" }]);
    expect(told?.listServicesResponse?.service.map(({ name }) => name)).toEqual([
      "grpc.health.v1.Health",
      "grpc.reflection.v1.ServerReflection",
      "grpc.reflection.v1alpha.ServerReflection",
      "weir.v1.SessionService",
    ]);
  });

  it.each([
    { fileContainingSymbol: "weir.v1.SessionService" },
    { fileContainingSymbol: "weir.v1.SessionService.ListSessions" },
    { fileByFilename: "weir/v1/session.proto" },
  ])("describes a service whole, for %j: a client can be made of it", async (question) => {
    const [told] = await ask([question]);
    const file = (told?.fileDescriptorResponse?.fileDescriptorProto ?? []).map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
    const set = toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file }));
    expect(Object.keys(loadFileDescriptorSetFromBuffer(Buffer.from(set)))).toContain("weir.v1.SessionService");
  });

  it("says of what there is not that it is not there, and goes on", async () => {
    const told = await ask([{ fileByFilename: "nothing.proto" }, { fileContainingSymbol: "a.B" }, {}, { listServices: "" }]);
    expect(told.map(({ errorResponse }) => errorResponse?.errorCode)).toEqual([5, 5, 3, undefined]);
  });
});
