/** What a gateway finds wrong with objects, at their places in the file that they came from. */

import { Code, ConnectError } from "@connectrpc/connect";
import { type Declarations, type DeclaredObject, type Path, printProblem } from "../../config/index.ts";
import { ConfigurationRefused } from "../failure.ts";
import { visibleLine } from "../visible.ts";

/** A line of a gateway's refusal: `database: policy "x": match.groups[0]: what is wrong`. */
const problemLine = /^database: (?<noun>[a-z]+) (?<name>"(?:[^"\\]|\\.)*"): (?:(?<at>[A-Za-z][\w.[\]-]*): )?(?<message>.*)$/;

const sections: Readonly<Record<string, DeclaredObject["section"]>> = { connection: "connections", policy: "policies", issuer: "issuers" };

/** `match.groups[0]` as keys and indices. */
const stepsOf = (at: string): Path =>
  at.split(/[.[\]]+/).flatMap((step) => (step === "" ? [] : [/^\d+$/.test(step) ? Number(step) : step]));

const placed = (line: string, { objects, places }: Declarations): string => {
  const { noun = "", name = '""', at = "", message = "" } = problemLine.exec(line)?.groups ?? {};
  const section = sections[noun];
  const object = objects.find((each) => each.section === section && JSON.stringify(each.name) === name);
  if (object === undefined) return visibleLine(line);
  return visibleLine(printProblem(places.problem({ path: [...object.path, ...stepsOf(at)], message })));
};

/** Runs a call that declares objects of a file. Rejects with CommandFailed, where the gateway refuses them with every line at its place. */
export const orRefusePlaced = async <T>(declarations: Declarations, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof ConnectError) || thrown.code !== Code.InvalidArgument) throw thrown;
    throw new ConfigurationRefused(
      thrown.rawMessage
        .split("\n")
        .map((line) => placed(line, declarations))
        .join("\n"),
    );
  }
};
