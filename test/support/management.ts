/** Clients of the management API, signed in with a key. */

import type { DescService } from "@bufbuild/protobuf";
import { type Client, Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";

/** How a client speaks. */
export type Spoken = "connect" | "grpc" | "grpc-web";

const transports = {
  connect: (baseUrl: string, interceptors: Interceptor[]) => createConnectTransport({ baseUrl, httpVersion: "1.1", interceptors }),
  grpc: (baseUrl: string, interceptors: Interceptor[]) => createGrpcTransport({ baseUrl, interceptors }),
  "grpc-web": (baseUrl: string, interceptors: Interceptor[]) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1", interceptors }),
} as const;

export interface SignedIn {
  readonly adminUrl: string;
  readonly key: string;
  readonly spoken?: Spoken;
}

export const managing = <Service extends DescService>(
  service: Service,
  { adminUrl, key, spoken = "connect" }: SignedIn,
): Client<Service> => {
  const signIn: Interceptor = (next) => (request) => {
    request.header.set("authorization", `Bearer ${key}`);
    return next(request);
  };
  return createClient(service, transports[spoken](adminUrl, [signIn]));
};

/** What a call is refused with; `[undefined, ""]` where it is not. */
export const refusalOf = (call: Promise<unknown>): Promise<readonly [Code | undefined, string]> =>
  call.then(
    () => [undefined, ""] as const,
    (thrown: unknown) => {
      const { code, rawMessage } = ConnectError.from(thrown);
      return [code, rawMessage] as const;
    },
  );

export { Code };
