/** `weir identities`: who has come in, who may no longer, and services that cannot federate. */

import { Command, Option } from "commander";
import { type Identity, IdentityService, type ServiceIdentity } from "../gen/weir/v1/identity_pb.ts";
import { parseIdentity, several, timeText } from "./arguments.ts";
import { CommandFailed } from "./failure.ts";
import { addGateway, asking, clientOf, type GatewayOptions, type ShownOptions } from "./gateway-client.ts";
import { addFormat, type Output, remark } from "./output.ts";
import { everyPage } from "./pages.ts";
import { showList, showOne, type View } from "./view.ts";
import { visibleLine } from "./visible.ts";

type Key = ReturnType<typeof parseIdentity>;

const client = (options: GatewayOptions) => clientOf(IdentityService, options);

const keyText = (key: Key | undefined): string => (key === undefined ? "" : `${key.issuer}/${key.subject}`);

const stateOf = ({ disabled }: Identity): string => (disabled ? "disabled" : "enabled");

const identityView: View<Identity> = {
  head: ["ID", "STATE", "KIND", "NAME", "GROUPS", "SOURCE", "OWNER", "LAST SEEN"],
  row: (identity) => {
    const { key, kind, name, groups, source, owner, lastSeen } = identity;
    return [keyText(key), stateOf(identity), kind, name, groups.join(", "), source, keyText(owner), timeText(lastSeen) ?? ""];
  },
  object: (identity) => {
    const { key, kind, name, email, groups, source, owner, firstSeen, lastSeen } = identity;
    const seen = { firstSeen: timeText(firstSeen), lastSeen: timeText(lastSeen) };
    return { id: keyText(key), state: stateOf(identity), kind, name, email, groups, source, owner: owner && keyText(owner), ...seen };
  },
};

const listed = (options: GatewayOptions, name?: string): Promise<readonly Identity[]> => {
  const wanted = name === undefined ? {} : { name };
  return everyPage(async (page) => {
    const { identities: items, nextPageToken } = await client(options).listIdentities({ ...page, ...wanted });
    return { items, nextPageToken };
  });
};

const listCommand = (output: Output): Command =>
  addFormat(addGateway(new Command("list")))
    .description("everybody who has come in")
    .option("--name <name>", "of this name")
    .addHelpText("after", "\nExample:\n  weir identities list")
    .action(async (options: ShownOptions & { readonly name?: string }) => {
      await showList(output, options.output, identityView, await asking(options, () => listed(options, options.name)));
    });

const getCommand = (output: Output): Command =>
  addFormat(addGateway(new Command("get")))
    .description("one of those who have come in")
    .argument("<identity>", "issuer/subject", parseIdentity)
    .addHelpText("after", "\nExample:\n  weir identities get corp/alice")
    .action(async (wanted: Key, options: ShownOptions) => {
      const everybody = await asking(options, () => listed(options));
      const found = everybody.find(({ key }) => keyText(key) === keyText(wanted));
      if (found === undefined) throw new CommandFailed(`Nobody has come in as ${visibleLine(keyText(wanted))}.`);
      await showOne(output, options.output, identityView, found);
    });

const disableCommand = (output: Output): Command =>
  addGateway(new Command("disable"))
    .description("takes everything from an identity at once, whatever token it shows; running calls are cut")
    .argument("<identity>", "issuer/subject", parseIdentity)
    .requiredOption("--reason <text>", "why, for the audit log")
    .addHelpText("after", '\nExample:\n  weir identities disable corp/alice --reason "left the company"')
    .action(async (key: Key, options: GatewayOptions & { readonly reason: string }) => {
      await asking(options, () => client(options).disableIdentity({ key, reason: options.reason }));
      remark(output, "Disabled.");
    });

const enableCommand = (output: Output): Command =>
  addGateway(new Command("enable"))
    .description("gives a disabled identity its access back")
    .argument("<identity>", "issuer/subject", parseIdentity)
    .addHelpText("after", "\nExample:\n  weir identities enable corp/alice")
    .action(async (key: Key, options: GatewayOptions) => {
      await asking(options, () => client(options).enableIdentity({ key }));
      remark(output, "Enabled.");
    });

interface CreateOptions extends ShownOptions {
  readonly kind: string;
  readonly group: readonly string[];
  readonly owner?: Key;
}

const serviceView: View<ServiceIdentity> = {
  head: ["NAME", "KIND", "GROUPS", "OWNER"],
  row: ({ name, kind, groups, owner }) => [name, kind, groups.join(", "), keyText(owner)],
  object: ({ name, kind, groups, owner }) => ({ id: name, kind, groups, owner: owner && keyText(owner) }),
};

const createCommand = (output: Output): Command =>
  addFormat(addGateway(new Command("create")))
    .description("creates a service identity; weir tokens create-key gives it a key")
    .argument("<name>", "what policies call it")
    .addOption(new Option("--kind <kind>", "what it is").choices(["service", "agent", "ci"]).default("service"))
    .addOption(new Option("--group <group>", "a group that it is in; may be repeated").argParser(several).default([], "none"))
    .option("--owner <identity>", "issuer/subject of who is responsible for it, and may not approve what it asks", parseIdentity)
    .addHelpText("after", "\nExample:\n  weir identities create nightly-report --group analysts --owner corp/alice")
    .action(async (name: string, options: CreateOptions) => {
      const { kind, group, owner } = options;
      const wish = { identity: { name, kind, groups: [...group], ...(owner === undefined ? {} : { owner }) } };
      const { identity } = await asking(options, () => client(options).createServiceIdentity(wish));
      await showOne(output, options.output, serviceView, identity);
    });

const deleteCommand = (output: Output): Command =>
  addGateway(new Command("delete"))
    .description("deletes a service identity and its keys")
    .argument("<name>", "its name")
    .addHelpText("after", "\nExample:\n  weir identities delete nightly-report")
    .action(async (name: string, options: GatewayOptions) => {
      await asking(options, () => client(options).deleteServiceIdentity({ name }));
      remark(output, "Deleted.");
    });

const servicesCommand = (output: Output): Command =>
  addFormat(addGateway(new Command("services")))
    .description("the service identities that were created here")
    .addHelpText("after", "\nExample:\n  weir identities services")
    .action(async (options: ShownOptions) => {
      const { identities } = await asking(options, () => client(options).listServiceIdentities({}));
      await showList(output, options.output, serviceView, identities);
    });

/** The commands about identities. */
export const identitiesCommand = (output: Output): Command =>
  new Command("identities")
    .description("who has come in, who may no longer, and services that cannot federate")
    .addCommand(listCommand(output))
    .addCommand(getCommand(output))
    .addCommand(disableCommand(output))
    .addCommand(enableCommand(output))
    .addCommand(servicesCommand(output))
    .addCommand(createCommand(output))
    .addCommand(deleteCommand(output))
    .addHelpText("after", "\nExample:\n  weir identities list");
