/** Commands for objects that are declared by name: list, get, create, update, delete. */

import { Command } from "commander";
import type { DeclaredObject, DeclaredSection } from "../../config/index.ts";
import { addGateway, asking, type GatewayOptions, type ShownOptions } from "../gateway-client.ts";
import { addFormat, json, remark, write } from "../output.ts";
import type { Terminal } from "../terminal.ts";
import { showList, showOne } from "../view.ts";
import { type DeclaredItem, declaredText, declaredView } from "./declared-view.ts";
import { readDeclaration } from "./objects.ts";
import { orRefusePlaced } from "./refusal.ts";

/** How the API is asked for one kind of object. */
export interface Collection {
  readonly section: DeclaredSection;
  /** `connection`. */
  readonly noun: string;
  /** A name that examples use. */
  readonly example: string;
  readonly list: (options: GatewayOptions) => Promise<readonly DeclaredItem[]>;
  readonly get: (options: GatewayOptions, name: string) => Promise<DeclaredItem | undefined>;
  readonly create: (options: GatewayOptions, object: DeclaredObject) => Promise<DeclaredItem | undefined>;
  readonly update: (options: RevisionOptions, object: DeclaredObject) => Promise<DeclaredItem | undefined>;
  readonly delete: (options: RevisionOptions, name: string) => Promise<unknown>;
}

interface RevisionOptions extends GatewayOptions {
  /** Absent: whatever it is. */
  readonly revision?: string;
}

interface FileOptions extends ShownOptions {
  readonly file: string;
}

const addFile = (command: Command): Command =>
  command.requiredOption("-f, --file <file>", "a YAML document: the object as weir.yaml has it, name included; - reads stdin");

const addRevision = (command: Command): Command =>
  command.option("--revision <revision>", "only if it is still at this revision, which get tells");

/** `list`: of a service that also declares by its file. */
export const listCommand = ({ section, noun, list }: Pick<Collection, "section" | "noun" | "list">, terminal: Terminal): Command =>
  addFormat(addGateway(new Command("list")))
    .description(`${section} by name: those of the gateway's file and those of the database`)
    .addHelpText("after", `\nExample:\n  weir ${section} list`)
    .action(async (options: ShownOptions) => {
      await showList(terminal, options.output, declaredView(noun), await asking(options, () => list(options)));
    });

/** `get`: YAML that `update` takes, or an object for programs. */
export const getCommand = (
  { section, noun, example, get }: Pick<Collection, "section" | "noun" | "example" | "get">,
  terminal: Terminal,
): Command =>
  addFormat(addGateway(new Command("get")), "yaml")
    .description(`one ${noun} as it was declared; its credential is never told`)
    .argument("<name>", "its name")
    .addHelpText("after", `\nExample:\n  weir ${section} get ${example} > ${example}.yaml`)
    .action(async (name: string, options: ShownOptions) => {
      const item = await asking(options, () => get(options, name));
      if (item === undefined) return;
      await write(terminal, options.output === "json" ? json(declaredView(noun).object(item)) : declaredText(item));
    });

const createCommand = ({ section, noun, example, create }: Collection, terminal: Terminal): Command =>
  addFile(addFormat(addGateway(new Command("create"))))
    .description(`declares a ${noun} in the gateway's database; in force on every replica within a second`)
    .addHelpText("after", `\nExample:\n  weir ${section} create -f ${example}.yaml`)
    .action(async (options: FileOptions) => {
      const { object, declarations } = await readDeclaration(section, options.file, terminal.stdin);
      const made = await asking(options, () => orRefusePlaced(declarations, () => create(options, object)));
      await showOne(terminal, options.output, declaredView(noun), made);
    });

const updateCommand = ({ section, noun, example, update }: Collection, terminal: Terminal): Command =>
  addRevision(addFile(addFormat(addGateway(new Command("update")))))
    .description(`replaces a ${noun} that the database has`)
    .addHelpText("after", `\nExamples:\n  weir ${section} get ${example} > ${example}.yaml\n  weir ${section} update -f ${example}.yaml`)
    .action(async (options: FileOptions & RevisionOptions) => {
      const { object, declarations } = await readDeclaration(section, options.file, terminal.stdin);
      const made = await asking(options, () => orRefusePlaced(declarations, () => update(options, object)));
      await showOne(terminal, options.output, declaredView(noun), made);
    });

const deleteCommand = ({ section, noun, example, delete: remove }: Collection, terminal: Terminal): Command =>
  addRevision(addGateway(new Command("delete")))
    .description(`deletes a ${noun} that the database has`)
    .argument("<name>", "its name")
    .addHelpText("after", `\nExample:\n  weir ${section} delete ${example}`)
    .action(async (name: string, options: RevisionOptions) => {
      await asking(options, () => remove(options, name));
      remark(terminal, "Deleted.");
    });

/** Adds every command of a collection. */
export const addCollection = (command: Command, collection: Collection, terminal: Terminal): Command => {
  for (const make of [listCommand, getCommand, createCommand, updateCommand, deleteCommand]) command.addCommand(make(collection, terminal));
  return command;
};
