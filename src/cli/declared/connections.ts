/** `weir connections`: the upstreams of a running gateway. */

import { Command } from "commander";
import { ConnectionService } from "../../gen/weir/v1/connection_pb.ts";
import { clientOf, type GatewayOptions } from "../gateway-client.ts";
import type { Terminal } from "../terminal.ts";
import { addCollection, type Collection } from "./collection.ts";
import { credentialMessage } from "./objects.ts";

const client = (options: GatewayOptions) => clientOf(ConnectionService, options);

const connections: Collection = {
  section: "connections",
  noun: "connection",
  example: "gpt",
  list: async (options) => (await client(options).listConnections({})).connections,
  get: async (options, name) => (await client(options).getConnection({ name })).connection,
  create: async (options, object) => {
    const { name, document } = object;
    return (await client(options).createConnection({ name, document: { ...document }, ...credentialMessage(object) })).connection;
  },
  update: async (options, object) => {
    const { name, document } = object;
    const change = { name, document: { ...document }, revision: options.revision ?? "", ...credentialMessage(object) };
    return (await client(options).updateConnection(change)).connection;
  },
  delete: (options, name) => client(options).deleteConnection({ name, revision: options.revision ?? "" }),
};

/** The commands about connections. */
export const connectionsCommand = (terminal: Terminal): Command =>
  addCollection(new Command("connections").description("the upstreams of a running gateway"), connections, terminal).addHelpText(
    "after",
    "\nExample:\n  weir connections list",
  );
