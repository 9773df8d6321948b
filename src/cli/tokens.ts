/** `weir tokens`: API keys, and taking access away. */

import { type Duration, timestampMs } from "@bufbuild/protobuf/wkt";
import { Command } from "commander";
import { type ApiKey, type Revocable, TokenService } from "../gen/weir/v1/token_pb.ts";
import { addScope, parseIdentity, parseLength, type ScopeOptions, timeText } from "./arguments.ts";
import { wrongUsage } from "./failure.ts";
import { addGateway, asking, clientOf, type GatewayOptions, type ShownOptions } from "./gateway-client.ts";
import { addFormat, type Format, json, type Output, remark, write } from "./output.ts";
import { showList, type View } from "./view.ts";

const client = (options: GatewayOptions) => clientOf(TokenService, options);

const stateOf = ({ expiresAt, revoked }: ApiKey): string => {
  if (revoked) return "revoked";
  return expiresAt !== undefined && timestampMs(expiresAt) <= Date.now() ? "expired" : "valid";
};

const keyObject = (key: ApiKey): Readonly<Record<string, unknown>> => {
  const { id, identity, scope, createdAt, expiresAt } = key;
  return {
    id,
    state: stateOf(key),
    identity,
    connections: scope?.connections,
    models: scope?.models,
    operations: scope?.operations,
    createdAt: timeText(createdAt),
    expiresAt: timeText(expiresAt),
  };
};

/** As scopes are written for tokens (ARCHITECTURE.md 1.8). */
const scopeText = ({ scope }: ApiKey): string => {
  const { connections = [], models = [], operations = [] } = scope ?? {};
  const words = Object.entries({ connection: connections, model: models, operation: operations });
  return words.flatMap(([kind, names]) => names.map((name) => `${kind}:${name}`)).join(" ");
};

const keyView: View<ApiKey> = {
  head: ["ID", "STATE", "IDENTITY", "GOOD FOR", "CREATED", "EXPIRES"],
  row: (key) => [key.id, stateOf(key), key.identity, scopeText(key), timeText(key.createdAt) ?? "", timeText(key.expiresAt) ?? "never"],
  object: keyObject,
};

/** A new key is the only thing on stdout, so that it can go straight to where it belongs. */
const showSecret = async (output: Output, format: Format, key: ApiKey | undefined, secret: string): Promise<void> => {
  if (format === "json") {
    await write(output, json({ ...(key === undefined ? {} : keyObject(key)), secret: secret === "" ? undefined : secret }));
    return;
  }
  remark(output, `${key?.id ?? ""}: ${secret === "" ? "imported." : "the key is told here once and never again."}`);
  if (secret !== "") await write(output, `${secret}\n`);
};

interface CreateOptions extends ShownOptions, ScopeOptions {
  readonly lifetime?: Duration;
  readonly importSha256?: string;
}

const createCommand = (output: Output): Command =>
  addScope(addFormat(addGateway(new Command("create-key"))))
    .alias("create")
    .description("mints an API key for a service identity, or imports one by its hash")
    .argument("<identity>", "the name of a service identity")
    .option("--lifetime <time>", "how long it holds, such as 90d", parseLength)
    .option("--import-sha256 <hex>", "the SHA-256 of a key that is in use already")
    .addHelpText("after", "\nExample:\n  weir tokens create-key nightly-report --connection gpt --lifetime 90d")
    .action(async (identity: string, options: CreateOptions) => {
      const { connection, model, operation, lifetime, importSha256 = "" } = options;
      const scope = { connections: [...connection], models: [...model], operations: [...operation] };
      const wish = { identity, scope, importedSha256: importSha256, ...(lifetime === undefined ? {} : { lifetime }) };
      const { key, secret } = await asking(options, () => client(options).createApiKey(wish));
      await showSecret(output, options.output, key, secret);
    });

const rotateCommand = (output: Output): Command =>
  addFormat(addGateway(new Command("rotate-key")))
    .description("mints a key in place of another, which goes on to hold for a while")
    .argument("<id>", "the id of the key to replace")
    .option("--overlap <time>", "how long the old key still holds; a day unless said otherwise", parseLength)
    .addHelpText("after", "\nExample:\n  weir tokens rotate-key key_0123456789abcdef --overlap 1h")
    .action(async (id: string, options: ShownOptions & { readonly overlap?: Duration }) => {
      const overlap = options.overlap === undefined ? {} : { overlap: options.overlap };
      const { key, secret } = await asking(options, () => client(options).rotateApiKey({ id, ...overlap }));
      await showSecret(output, options.output, key, secret);
    });

const listCommand = (output: Output): Command =>
  addFormat(addGateway(new Command("list")))
    .description("the API keys of a service identity, the newest first")
    .argument("<identity>", "its name")
    .addHelpText("after", "\nExample:\n  weir tokens list nightly-report")
    .action(async (identity: string, options: ShownOptions) => {
      const { keys } = await asking(options, () => client(options).listApiKeys({ identity }));
      await showList(output, options.output, keyView, keys);
    });

interface Target {
  readonly id?: string;
  readonly identity?: ReturnType<typeof parseIdentity>;
  readonly issuer?: string;
  readonly connection?: string;
}

type What = Revocable["what"];

const whatOf = ({ id, identity, issuer, connection }: Target): { what: Exclude<What, { case: undefined }> } => {
  const named: Exclude<What, { case: undefined }>[] = [];
  if (id !== undefined) named.push({ case: "token", value: id });
  if (identity !== undefined)
    named.push({ case: "identity", value: { $typeName: "weir.v1.IdentityKey", issuer: identity.issuer, subject: identity.subject } });
  if (issuer !== undefined) named.push({ case: "issuer", value: issuer });
  if (connection !== undefined) named.push({ case: "connection", value: connection });
  const [what, second] = named;
  if (what === undefined || second !== undefined) throw wrongUsage("Name one: --id, --identity, --issuer or --connection.");
  return { what };
};

const addTarget = (command: Command): Command =>
  command
    .option("--id <id>", "a token or an API key, with all that was exchanged for it")
    .option("--identity <identity>", "issuer/subject", parseIdentity)
    .option("--issuer <name>", "everybody whom it vouches for")
    .option("--connection <name>", "every call over it");

const revokeCommand = (output: Output): Command =>
  addTarget(addGateway(new Command("revoke")))
    .description("takes access away, everywhere within a second; running calls are cut")
    .requiredOption("--reason <text>", "why, for the audit log")
    .addHelpText("after", '\nExample:\n  weir tokens revoke --connection gpt --reason "incident 42"')
    .action(async (options: GatewayOptions & Target & { readonly reason: string }) => {
      const what = whatOf(options);
      await asking(options, () => client(options).revoke({ what, reason: options.reason }));
      remark(output, "Revoked.");
    });

const deleteCommand = (output: Output): Command =>
  addGateway(new Command("delete"))
    .description("ends one key or token, with all that was exchanged for it: what revoke --id does")
    .argument("<id>", "its id")
    .requiredOption("--reason <text>", "why, for the audit log")
    .addHelpText("after", '\nExample:\n  weir tokens delete key_0123456789abcdef --reason "nobody uses it"')
    .action(async (id: string, options: GatewayOptions & { readonly reason: string }) => {
      const what = { what: { case: "token" as const, value: id } };
      await asking(options, () => client(options).revoke({ what, reason: options.reason }));
      remark(output, "Revoked.");
    });

const restoreCommand = (output: Output): Command =>
  addTarget(addGateway(new Command("restore")))
    .description("gives access back")
    .addHelpText("after", "\nExample:\n  weir tokens restore --connection gpt")
    .action(async (options: GatewayOptions & Target) => {
      const what = whatOf(options);
      await asking(options, () => client(options).restore({ what }));
      remark(output, "Restored.");
    });

/** The commands about keys and tokens, for administrators. */
export const tokensCommand = (output: Output): Command =>
  new Command("tokens")
    .description("API keys, and taking access away")
    .addCommand(createCommand(output))
    .addCommand(rotateCommand(output))
    .addCommand(listCommand(output))
    .addCommand(revokeCommand(output))
    .addCommand(deleteCommand(output))
    .addCommand(restoreCommand(output))
    .addHelpText("after", "\nExample:\n  weir tokens create-key nightly-report");
