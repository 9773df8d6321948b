/** What commands write: data to stdout, everything else to stderr. */

import { once } from "node:events";
import Table from "cli-table3";
import { type Command, Option } from "commander";
import { visibleLine } from "./visible.ts";

/** Where a command writes; tests give their own. */
export interface Output {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

/** Writes data, no faster than it is taken. */
export const write = async ({ stdout }: Output, text: string): Promise<void> => {
  if (text !== "" && !stdout.write(text)) await once(stdout, "drain");
};

/** Writes a remark for people. */
export const remark = ({ stderr }: Output, text: string): void => {
  stderr.write(`${text}\n`);
};

/** What people read: a list, one object, what changes, a text that goes on. */
type ForPeople = "table" | "yaml" | "diff" | "lines" | "token";

export type Format = ForPeople | "json";

/** Adds `-o`: what a command's `output` option then holds is a {@link Format}. */
export const addFormat = (command: Command, forPeople: ForPeople = "table"): Command =>
  command.addOption(
    new Option("-o, --output <format>", `${forPeople} for people, json for programs`).choices([forPeople, "json"]).default(forPeople),
  );

/** Whether colours are welcome: on a terminal, unless its user does not want any (https://no-color.org). */
export const takesColours = ({ stdout }: Output): boolean =>
  "isTTY" in stdout && stdout.isTTY === true && (process.env.NO_COLOR ?? "") === "";

/** JSON for programs: exact, with every character that a terminal could obey escaped, which JSON reads back as it was. */
export const json = (value: unknown): string => `${escaped(JSON.stringify(value, undefined, 2))}\n`;

/** The same on one line, for lists that go on. */
export const jsonLine = (value: unknown): string => `${escaped(JSON.stringify(value))}\n`;

const escaped = (text: string): string =>
  text.replace(/[\p{Cf}\p{Zl}\p{Zp}\u{7f}-\u{9f}]/gu, (character) =>
    Array.from({ length: character.length }, (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`).join(""),
  );

const bare = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  ",
};

/** A table for people: a head, and rows without lines around them. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const made = new Table({ head: [...head], chars: bare, style: { head: [], border: [], "padding-left": 0, "padding-right": 0 } });
  made.push(...rows.map((row) => row.map(visibleLine)));
  return `${made.toString().replace(/ +$/gm, "")}\n`;
};
