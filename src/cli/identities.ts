/** `weir identities`: who has come in, who may no longer, and services that cannot federate. */

import { Command, Option } from "commander";
import { type Identity, IdentityService, type ServiceIdentity } from "../gen/weir/v1/identity_pb.ts";
import { parseIdentity, several, timeText } from "./arguments.ts";
import { addGateway, asking, clientOf, type GatewayOptions } from "./gateway-client.ts";
import { addFormat, type Format, json, type Output, remark, table, write } from "./output.ts";

interface Shown extends GatewayOptions {
  readonly output: Format;
}

type Key = ReturnType<typeof parseIdentity>;

const client = (options: GatewayOptions) => clientOf(IdentityService, options);

const identityObject = ({
  key,
  kind,
  name,
  email,
  groups,
  firstSeen,
  lastSeen,
  disabled,
}: Identity): Readonly<Record<string, unknown>> => ({
  id: `${key?.issuer ?? ""}/${key?.subject ?? ""}`,
  state: disabled ? "disabled" : "enabled",
  kind,
  name,
  email,
  groups,
  firstSeen: timeText(firstSeen),
  lastSeen: timeText(lastSeen),
});

const identityRow = ({ key, kind, name, groups, lastSeen, disabled }: Identity): readonly string[] => [
  `${key?.issuer ?? ""}/${key?.subject ?? ""}`,
  kind,
  name,
  groups.join(", "),
  timeText(lastSeen) ?? "",
  disabled ? "disabled" : "",
];

const listed = async (options: Shown, name: string | undefined): Promise<readonly Identity[]> => {
  const found: Identity[] = [];
  for (let pageToken = ""; ; ) {
    const page = await client(options).listIdentities({ pageToken, ...(name === undefined ? {} : { name }) });
    found.push(...page.identities);
    if (page.nextPageToken === "") return found;
    pageToken = page.nextPageToken;
  }
};

const listCommand = (output: Output): Command =>
  addFormat(addGateway(new Command("list")))
    .description("everybody who has come in")
    .option("--name <name>", "of this name")
    .addHelpText("after", "\nExample:\n  weir identities list")
    .action(async (options: Shown & { readonly name?: string }) => {
      const identities = await asking(options, () => listed(options, options.name));
      const head = ["ID", "KIND", "NAME", "GROUPS", "LAST SEEN", "STATE"];
      await write(output, options.output === "json" ? json(identities.map(identityObject)) : table(head, identities.map(identityRow)));
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

interface CreateOptions extends Shown {
  readonly kind: string;
  readonly group: readonly string[];
  readonly owner?: Key;
}

const serviceObject = ({ name, kind, groups, owner }: ServiceIdentity): Readonly<Record<string, unknown>> => ({
  id: name,
  kind,
  groups,
  owner: owner && `${owner.issuer}/${owner.subject}`,
});

const serviceRow = ({ name, kind, groups, owner }: ServiceIdentity): readonly string[] => [
  name,
  kind,
  groups.join(", "),
  owner === undefined ? "" : `${owner.issuer}/${owner.subject}`,
];

const showServices = (output: Output, format: Format, services: readonly ServiceIdentity[]): Promise<void> =>
  write(
    output,
    format === "json" ? json(services.map(serviceObject)) : table(["NAME", "KIND", "GROUPS", "OWNER"], services.map(serviceRow)),
  );

const createCommand = (output: Output): Command =>
  addFormat(addGateway(new Command("create")))
    .description("creates a service identity; weir tokens create-key gives it a key")
    .argument("<name>", "what policies call it")
    .addOption(new Option("--kind <kind>", "what it is").choices(["service", "agent", "ci"]).default("service"))
    .addOption(new Option("--group <group>", "a group that it is in; may be repeated").argParser(several).default([]))
    .option("--owner <identity>", "issuer/subject of who is responsible for it, and may not approve what it asks", parseIdentity)
    .addHelpText("after", "\nExample:\n  weir identities create nightly-report --group analysts --owner corp/alice")
    .action(async (name: string, options: CreateOptions) => {
      const { kind, group, owner } = options;
      const wish = { identity: { name, kind, groups: [...group], ...(owner === undefined ? {} : { owner }) } };
      const { identity } = await asking(options, () => client(options).createServiceIdentity(wish));
      if (identity !== undefined) await showServices(output, options.output, [identity]);
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
    .action(async (options: Shown) => {
      const { identities } = await asking(options, () => client(options).listServiceIdentities({}));
      await showServices(output, options.output, identities);
    });

/** The commands about identities. */
export const identitiesCommand = (output: Output): Command =>
  new Command("identities")
    .description("who has come in, who may no longer, and services that cannot federate")
    .addCommand(listCommand(output))
    .addCommand(disableCommand(output))
    .addCommand(enableCommand(output))
    .addCommand(servicesCommand(output))
    .addCommand(createCommand(output))
    .addCommand(deleteCommand(output))
    .addHelpText("after", "\nExample:\n  weir identities list");
