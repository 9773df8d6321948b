/** `weir token exchange`: an identity token in, a short-lived scoped token out (RFC 8693). */

import { type Duration, durationMs } from "@bufbuild/protobuf/wkt";
import { Command, InvalidArgumentError, Option } from "commander";
import { addScope, parseLength, type ScopeOptions } from "./arguments.ts";
import { CommandFailed, wrongUsage } from "./failure.ts";
import { addFormat, type Format, json, type Output, remark, write } from "./output.ts";
import { visibleLine } from "./visible.ts";

interface ExchangeOptions extends ScopeOptions {
  readonly url: string;
  readonly token?: string;
  readonly lifetime?: Duration;
  readonly requests?: number;
  readonly output: Format;
}

/** The main port, not the admin listener: tokens are for calls to models. */
const usualUrl = "http://127.0.0.1:8080";
const grantType = "urn:ietf:params:oauth:grant-type:token-exchange";
const subjectType = "urn:ietf:params:oauth:token-type:jwt";
const msPerSecond = 1_000;

const parseCount = (text: string): number => {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError("It must be a whole number above zero.");
  return Number(text);
};

const formOf = ({ token = "", connection, model, operation, lifetime, requests }: ExchangeOptions): URLSearchParams => {
  const words = (kind: string, names: readonly string[]): string[] => names.map((name) => `${kind}:${name}`);
  const scope = [...words("connection", connection), ...words("model", model), ...words("operation", operation)].join(" ");
  const form = new URLSearchParams({ grant_type: grantType, subject_token: token, subject_token_type: subjectType });
  if (scope !== "") form.set("scope", scope);
  if (lifetime !== undefined) form.set("expires_in", String(Math.ceil(durationMs(lifetime) / msPerSecond)));
  if (requests !== undefined) form.set("requests", String(requests));
  return form;
};

const textField = (answer: unknown, name: string): string | undefined => {
  const value: unknown = typeof answer === "object" && answer !== null ? Object.getOwnPropertyDescriptor(answer, name)?.value : undefined;
  return typeof value === "string" ? value : undefined;
};

/** A token that nobody must agree to is there within this time, milliseconds. */
const patienceMs = 2_000;

/** What Node's fetch gives up with on a server that has not answered for five minutes. */
const isSilence = (thrown: unknown): boolean => {
  const cause: unknown = thrown instanceof Error ? thrown.cause : undefined;
  return cause instanceof Error && "code" in cause && cause.code === "UND_ERR_HEADERS_TIMEOUT";
};

/** Asks until there is an answer: the gateway may wait for a person, and whoever asks again for the same waits for the same yes. */
const post = async (url: URL, form: URLSearchParams): Promise<Response> => {
  for (;;) {
    try {
      return await fetch(url, { method: "POST", body: form });
    } catch (thrown) {
      if (!isSilence(thrown)) throw new CommandFailed(`No gateway answers at ${url.origin}; --url names another.`);
    }
  }
};

const exchange = async (options: ExchangeOptions, output: Output): Promise<unknown> => {
  const { url, token } = options;
  if (token === undefined || token === "") throw wrongUsage("Say who you are: --token, or WEIR_TOKEN in the environment.");
  if (!URL.canParse(url)) throw wrongUsage("--url must be an http:// or https:// address.");
  const waits = setTimeout(() => remark(output, "Waiting: a person may have to agree to this token."), patienceMs);
  const response = await post(new URL("/oauth/token", url), formOf(options)).finally(() => clearTimeout(waits));
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok && textField(answer, "access_token") !== undefined) return answer;
  throw new CommandFailed(visibleLine(textField(answer, "error_description") ?? `The gateway answered ${response.status}.`));
};

/** `weir token`: for callers; `weir tokens` is for administrators. */
export const tokenCommand = (output: Output): Command =>
  new Command("token")
    .description("a short-lived token for calls to models")
    .addCommand(
      addScope(addFormat(new Command("exchange"), "token"))
        .description("exchanges an identity token (or a key, or a token) for a short-lived scoped one")
        .addOption(new Option("--url <url>", "the gateway's main port").env("WEIR_GATEWAY_URL").default(usualUrl))
        .addOption(
          new Option("--token <token>", "the token to exchange; better in the environment, where other users do not see it").env(
            "WEIR_TOKEN",
          ),
        )
        .option("--lifetime <time>", "how long it holds, such as 5m; never longer than policies allow", parseLength)
        .option("--requests <count>", "how many requests it is good for", parseCount)
        .addHelpText("after", "\nExample:\n  WEIR_TOKEN=$ID_TOKEN weir token exchange --connection gpt --model 'gpt-4o*' --lifetime 5m")
        .action(async (options: ExchangeOptions) => {
          const answer = await exchange(options, output);
          await write(output, options.output === "json" ? json(answer) : `${textField(answer, "access_token") ?? ""}\n`);
        }),
    )
    .addHelpText("after", "\nExample:\n  weir token exchange --connection gpt");
