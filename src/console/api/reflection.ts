/** gRPC's reflection service: the schema of the services offered here, for tools that read it (grpc/grpc `doc/server-reflection.md`). */

import { type DescFile, type DescService, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import type { ConnectRouter } from "@connectrpc/connect";
import { ServerReflection } from "../../gen/grpc/reflection/v1/reflection_pb.ts";
import { ServerReflection as ServerReflectionAlpha } from "../../gen/grpc/reflection/v1alpha/reflection_pb.ts";

/** What a request asks for; the same in both versions of the service. */
type Question =
  | { readonly case: "fileByFilename" | "fileContainingSymbol" | "allExtensionNumbersOfType" | "listServices"; readonly value: string }
  | { readonly case: "fileContainingExtension"; readonly value: { readonly containingType: string } }
  | { readonly case: undefined; readonly value?: undefined };

/** Status codes of gRPC. */
const notFound = 5;
const invalidArgument = 3;

const failed = (errorCode: number, errorMessage: string) => ({ case: "errorResponse" as const, value: { errorCode, errorMessage } });

/** A file after everything that it imports, each once. */
const withImports = (file: DescFile, files = new Set<DescFile>()): ReadonlySet<DescFile> => {
  if (files.has(file)) return files;
  for (const imported of file.dependencies) withImports(imported, files);
  return files.add(file);
};

/** Every full name that a file declares: messages and enums however deep, fields, services and methods. */
const symbolsOf = (file: DescFile): readonly string[] => {
  const symbols: string[] = [];
  const addMessages = (messages: DescFile["messages"]): void => {
    for (const { typeName, fields, nestedMessages, nestedEnums } of messages) {
      symbols.push(typeName, ...fields.map(({ name }) => `${typeName}.${name}`), ...nestedEnums.map((nested) => nested.typeName));
      addMessages(nestedMessages);
    }
  };
  addMessages(file.messages);
  for (const { typeName } of file.enums) symbols.push(typeName);
  for (const { typeName, methods } of file.services) symbols.push(typeName, ...methods.map(({ name }) => `${typeName}.${name}`));
  return symbols;
};

/** What can be asked about, by name. */
class Schema {
  readonly #services: readonly string[];
  readonly #files = new Map<string, DescFile>();
  readonly #symbols = new Map<string, DescFile>();

  constructor(services: readonly DescService[]) {
    this.#services = services.map(({ typeName }) => typeName).sort();
    for (const service of services) for (const file of withImports(service.file)) this.#add(file);
  }

  answer(question: Question) {
    switch (question.case) {
      case "listServices":
        return { case: "listServicesResponse" as const, value: { service: this.#services.map((name) => ({ name })) } };
      case "fileByFilename":
        return this.#described(this.#files.get(question.value));
      case "fileContainingSymbol":
        return this.#described(this.#symbols.get(question.value));
      case "allExtensionNumbersOfType":
        return this.#symbols.has(question.value)
          ? { case: "allExtensionNumbersResponse" as const, value: { baseTypeName: question.value, extensionNumber: [] } }
          : failed(notFound, "There is no message by that name.");
      case "fileContainingExtension":
        return failed(notFound, "There are no extensions.");
      case undefined:
        return failed(invalidArgument, "The request asks for nothing.");
    }
  }

  #add(file: DescFile): void {
    this.#files.set(file.proto.name, file);
    for (const symbol of symbolsOf(file)) this.#symbols.set(symbol, file);
  }

  #described(file: DescFile | undefined) {
    if (file === undefined) return failed(notFound, "There is no file or symbol by that name.");
    const fileDescriptorProto = [...withImports(file)].reverse().map(({ proto }) => toBinary(FileDescriptorProtoSchema, proto));
    return { case: "fileDescriptorResponse" as const, value: { fileDescriptorProto } };
  }
}

/** Registers reflection of `services` and of itself, under both names that tools ask for. */
export const reflectionRoutes = (router: ConnectRouter, services: readonly DescService[]): void => {
  const schema = new Schema([...services, ServerReflection, ServerReflectionAlpha]);
  router.service(ServerReflection, {
    serverReflectionInfo: async function* (requests) {
      for await (const asked of requests) {
        yield { validHost: asked.host, originalRequest: asked, messageResponse: schema.answer(asked.messageRequest) };
      }
    },
  });
  router.service(ServerReflectionAlpha, {
    serverReflectionInfo: async function* (requests) {
      for await (const asked of requests) {
        yield { validHost: asked.host, originalRequest: asked, messageResponse: schema.answer(asked.messageRequest) };
      }
    },
  });
};
