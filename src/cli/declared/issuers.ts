/** `weir issuers`: who may say who a caller is. They are declared by `weir apply`. */

import { Command } from "commander";
import { ConfigurationService } from "../../gen/weir/v1/configuration_pb.ts";
import { CommandFailed } from "../failure.ts";
import { clientOf, type GatewayOptions } from "../gateway-client.ts";
import type { Terminal } from "../terminal.ts";
import { visibleLine } from "../visible.ts";
import { getCommand, listCommand } from "./collection.ts";
import type { DeclaredItem } from "./declared-view.ts";

const list = async (options: GatewayOptions): Promise<readonly DeclaredItem[]> =>
  (await clientOf(ConfigurationService, options).listIssuers({})).issuers;

const issuers = {
  section: "issuers",
  noun: "issuer",
  example: "corp",
  list,
  get: async (options: GatewayOptions, name: string): Promise<DeclaredItem> => {
    const found = (await list(options)).find((issuer) => issuer.name === name);
    if (found === undefined) throw new CommandFailed(`There is no issuer named "${visibleLine(name)}".`);
    return found;
  },
} as const;

/** The commands about issuers. */
export const issuersCommand = (terminal: Terminal): Command =>
  new Command("issuers")
    .description("who may say who a caller is; weir apply declares them")
    .addCommand(listCommand(issuers, terminal))
    .addCommand(getCommand(issuers, terminal))
    .addHelpText("after", "\nExample:\n  weir issuers list");
