/** Which operation a call is, by its path. */

import type { Operation, OperationClass } from "../../src/envelope/call.ts";
import { GatewayError } from "../../src/envelope/error.ts";

/** A method as a path names it. */
export interface RpcMethod {
  /** `package.Service`. */
  readonly service: string;
  readonly method: string;
}

const rpcPath = /^\/([A-Za-z_][A-Za-z0-9_.]{0,254})\/([A-Za-z_][A-Za-z0-9_]{0,254})$/;

/** Reads `/package.Service/Method`. Throws `operation_unsupported` (gRPC's `unimplemented`) for any other path. */
export const readRpcPath = (path: string): RpcMethod => {
  const [, service, method] = rpcPath.exec(path) ?? [];
  if (service === undefined || method === undefined) {
    throw new GatewayError("operation_unsupported", "This path names no RPC method.");
  }
  return { service, method };
};

/** Services that concern the server itself, whatever its models are. */
const controlServices: readonly RegExp[] = [/^grpc\.reflection\./, /^grpc\.channelz\./, /^envoy\.service\./];

/**
 * Methods of model servers that manage what it serves, or let tensors pass beside the gateway: Triton's and KServe's repository, shared memory, trace and
 * log calls, MLServer's model repository service, and TensorFlow Serving's reload. Told by the method's name, so that a new version of a package is no way round.
 */
const controlMethod =
  /^(?:RepositoryIndex|RepositoryModel(?:Load|Unload)|Model(?:Load|Unload)|\w*SharedMemory\w*|TraceSetting|LogSettings|HandleReloadConfigRequest)$/;

const classOf = ({ service, method }: RpcMethod): OperationClass =>
  controlMethod.test(method) || controlServices.some((control) => control.test(service)) ? "control" : "inference";

/** The operation: its name is `package.Service/Method`, exactly as policies name it. */
export const rpcOperation = (called: RpcMethod): Operation => ({ name: `${called.service}/${called.method}`, class: classOf(called) });
