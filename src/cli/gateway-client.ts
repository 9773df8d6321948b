/** How commands talk to a running gateway: its management API, with the caller's own credential. */

import type { DescService } from "@bufbuild/protobuf";
import { type Client, Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { type Command, Option } from "commander";
import { CommandFailed, wrongUsage } from "./failure.ts";
import type { Format } from "./output.ts";
import { visibleLine } from "./visible.ts";

export interface GatewayOptions {
  readonly url: string;
  readonly token?: string;
}

/** Of a command that also has `-o`. */
export interface ShownOptions extends GatewayOptions {
  readonly output: Format;
}

const usualUrl = "http://127.0.0.1:8081";

/** Adds `--url` and `--token`, which `WEIR_URL` and `WEIR_TOKEN` stand in for. */
export const addGateway = (command: Command): Command =>
  command
    .addOption(new Option("--url <url>", "the gateway's admin listener").env("WEIR_URL").default(usualUrl))
    .addOption(
      new Option("--token <token>", "an API key or token; better in the environment, where other users do not see it").env("WEIR_TOKEN"),
    );

const signIn =
  (token: string): Interceptor =>
  (next) =>
  (request) => {
    request.header.set("authorization", `Bearer ${token}`);
    return next(request);
  };

const checkUrl = (url: string): void => {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) throw wrongUsage("--url must be an http:// or https:// address.");
};

/** A client of one service of the management API. */
export const clientOf = <S extends DescService>(service: S, { url, token }: GatewayOptions): Client<S> => {
  checkUrl(url);
  if (token === undefined || token === "") throw wrongUsage("Say who you are: --token, or WEIR_TOKEN in the environment.");
  return createClient(service, createConnectTransport({ baseUrl: url, httpVersion: "1.1", interceptors: [signIn(token)] }));
};

/** What a gateway itself says has no cause here; what became of the connection to it has. */
const sentence = (error: ConnectError, url: string): string => {
  if (error.code === Code.Unimplemented) return `${url} knows nothing of this: is it the admin listener, of a gateway of this version?`;
  if (error.code === Code.Unavailable && error.cause !== undefined) return `No gateway answers at ${url}; --url or WEIR_URL names another.`;
  return visibleLine(error.rawMessage === "" ? `The gateway answered ${Code[error.code]}.` : error.rawMessage);
};

/** Runs calls to a gateway and puts their failures into words. Rejects with CommandFailed. */
export const asking = async <T>({ url }: GatewayOptions, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (thrown) {
    throw thrown instanceof ConnectError ? new CommandFailed(sentence(thrown, url)) : thrown;
  }
};
