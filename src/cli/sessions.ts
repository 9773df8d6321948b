/** `weir sessions`: the record at the prompt. */

import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { Command, InvalidArgumentError, Option } from "commander";
import { present } from "../envelope/present.ts";
import { type Session, SessionService } from "../gen/weir/v1/session_pb.ts";
import { limitOption, parseTime } from "./arguments.ts";
import { addGateway, asking, clientOf, type ShownOptions } from "./gateway-client.ts";
import { addFormat, json, type Output, write } from "./output.ts";
import { everyPage } from "./pages.ts";
import { partObject, Replayer } from "./replay.ts";
import { sessionStates, sessionView, toldObject, toldText } from "./session-view.ts";
import { showList } from "./view.ts";

interface Filter {
  readonly principal?: string;
  readonly connection?: string;
  readonly model?: string;
  readonly state?: (typeof sessionStates.all)[number];
  readonly reason?: string;
  readonly since?: Timestamp;
  readonly until?: Timestamp;
}

interface ListOptions extends ShownOptions, Filter {
  readonly limit: number;
}

const parseSpeed = (text: string): number => {
  if (!/^\d{1,6}(?:\.\d{1,6})?$/.test(text)) throw new InvalidArgumentError("It must be a number: 2 is twice as fast, 0 does not wait.");
  return Number(text);
};

const filterOf = ({ state, principal, connection, model, reason, since, until }: Filter) => ({
  ...present<Omit<Filter, "state">>({ principal, connection, model, reason, since, until }),
  ...(state === undefined ? {} : { state: sessionStates.valueOf(state) }),
});

const listed = (options: ListOptions): Promise<readonly Session[]> => {
  const filter = filterOf(options);
  return everyPage(async (page) => {
    const { sessions: items, nextPageToken } = await clientOf(SessionService, options).listSessions({ ...page, filter });
    return { items, nextPageToken };
  }, options.limit);
};

const listCommand = (output: Output): Command =>
  addFormat(addGateway(new Command("list")))
    .description("sessions, the newest first")
    .addOption(limitOption())
    .option("--principal <name>", "of this caller")
    .option("--connection <name>", "over this connection")
    .option("--model <name>", "with this model")
    .addOption(new Option("--state <state>", "in this state").choices(sessionStates.all))
    .option("--reason <reason>", "stopped for this reason: access_denied, prompt_blocked ...")
    .option("--since <time>", "begun then or later, such as 2026-01-31T08:00:00Z", parseTime)
    .option("--until <time>", "begun before then", parseTime)
    .addHelpText("after", "\nExample:\n  weir sessions list --state stopped --since 2026-01-31T08:00:00Z")
    .action(async (options: ListOptions) => {
      await showList(output, options.output, sessionView, await asking(options, () => listed(options)));
    });

const getCommand = (output: Output): Command =>
  addFormat(addGateway(new Command("get")))
    .alias("show")
    .description("one session, without its texts: what was decided, and why")
    .argument("<id>", "the x-request-id of its answer")
    .addHelpText("after", "\nExample:\n  weir sessions get 0123456789abcdef0123456789abcdef")
    .action(async (id: string, options: ShownOptions) => {
      const told = await asking(options, () => clientOf(SessionService, options).getSession({ id }));
      await write(output, options.output === "json" ? json(toldObject(told)) : toldText(told));
    });

const replayAsJson = async (id: string, options: ShownOptions, output: Output): Promise<void> => {
  const parts: unknown[] = [];
  for await (const response of clientOf(SessionService, options).replaySession({ id })) parts.push(partObject(response));
  await write(output, json(parts.filter((part) => part !== undefined)));
};

const replayOnTerminal = async (id: string, options: ShownOptions & { readonly speed: number }, output: Output): Promise<void> => {
  const replayer = new Replayer(output, options.speed);
  for await (const response of clientOf(SessionService, options).replaySession({ id })) await replayer.show(response);
};

const replayCommand = (output: Output): Command =>
  addFormat(addGateway(new Command("replay")))
    .description("the masked texts of a session, the answer with its original timing; that you read them is recorded")
    .argument("<id>", "the x-request-id of its answer")
    .addOption(new Option("--speed <factor>", "2 is twice as fast, 0 does not wait").argParser(parseSpeed).default(1))
    .addHelpText("after", "\nExample:\n  weir sessions replay 0123456789abcdef0123456789abcdef --speed 4")
    .action((id: string, options: ShownOptions & { readonly speed: number }) =>
      asking(options, () => (options.output === "json" ? replayAsJson(id, options, output) : replayOnTerminal(id, options, output))),
    );

/** The commands about sessions. */
export const sessionsCommand = (output: Output): Command =>
  new Command("sessions")
    .description("list, show and replay recorded sessions")
    .addCommand(listCommand(output))
    .addCommand(getCommand(output))
    .addCommand(replayCommand(output))
    .addHelpText("after", "\nExample:\n  weir sessions list");
