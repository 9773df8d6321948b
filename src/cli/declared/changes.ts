/** What a declaration changes, as a diff for people and as objects for programs. */

import { styleText } from "node:util";
import { ChangeAction, CredentialChange, type ObjectChange, ObjectKind } from "../../gen/weir/v1/configuration_pb.ts";
import { namesOf } from "../names.ts";
import { visibleLine } from "../visible.ts";
import { documentText } from "./document-text.ts";
import { type DiffLine, diffLines } from "./line-diff.ts";

const actions = namesOf({
  create: ChangeAction.CREATE,
  update: ChangeAction.UPDATE,
  delete: ChangeAction.DELETE,
  unchanged: ChangeAction.UNCHANGED,
});

const kinds = namesOf({ connection: ObjectKind.CONNECTION, policy: ObjectKind.POLICY, issuer: ObjectKind.ISSUER });

const credentials = namesOf({
  none: CredentialChange.UNSPECIFIED,
  kept: CredentialChange.KEPT,
  set: CredentialChange.SET,
  cleared: CredentialChange.CLEARED,
});

/** A change for programs. */
export const changeObject = ({ action, kind, name, before, after, credential }: ObjectChange): Readonly<Record<string, unknown>> => ({
  id: name,
  kind: kinds.nameOf(kind),
  action: actions.nameOf(action),
  credential: kind === ObjectKind.CONNECTION ? credentials.nameOf(credential) : undefined,
  before,
  after,
});

/** `1 created, 0 updated, 0 deleted, 2 unchanged`. */
export const summary = (changes: readonly ObjectChange[]): string => {
  const count = (action: ChangeAction): number => changes.filter((change) => change.action === action).length;
  return `${count(ChangeAction.CREATE)} created, ${count(ChangeAction.UPDATE)} updated, ${count(ChangeAction.DELETE)} deleted, ${count(ChangeAction.UNCHANGED)} unchanged`;
};

const marks: Readonly<Record<string, DiffLine["sign"] | "~">> = { create: "+", delete: "-" };

const textLines = (document: ObjectChange["before"]): readonly string[] =>
  documentText(document ?? {})
    .split("\n")
    .slice(0, -1);

/** What becomes of a credential is told in a line of its own; its value never. */
const credentialLines: Readonly<Record<string, DiffLine>> = {
  kept: { sign: " ", text: "credential: kept" },
  set: { sign: "+", text: "credential: set" },
  cleared: { sign: "-", text: "credential: cleared, for the upstream is another; give it again" },
};

/** Lines of a document that stay, shown before and after those that do not. */
const context = 3;

const indentOf = ({ text }: DiffLine): number => text.search(/\S/);

/** The maps and lists that a line stands in: those before it with less and less in front. */
const around = (lines: readonly DiffLine[], index: number): readonly number[] => {
  const found: number[] = [];
  let indent = Number.POSITIVE_INFINITY;
  for (let at = index; at >= 0 && indent > 0; at--) {
    const line = lines[at];
    if (line === undefined || indentOf(line) >= indent) continue;
    indent = indentOf(line);
    found.push(at);
  }
  return found;
};

/** Of the lines that stay, only those near a change, and what the change stands in. */
const nearChanges = (lines: readonly DiffLine[]): readonly DiffLine[] => {
  const kept = new Set<number>();
  for (const [index, { sign }] of lines.entries()) {
    if (sign === " ") continue;
    for (let near = index - context; near <= index + context; near++) kept.add(near);
    for (const parent of around(lines, index)) kept.add(parent);
  }
  return lines.flatMap((line, index) => {
    if (kept.has(index)) return [line];
    return index === 0 || kept.has(index - 1) ? [{ sign: " ", text: "…" }] : [];
  });
};

type Paint = (sign: string, line: string) => string;

/** Whoever asks for colours has looked at the terminal. */
const asked = { validateStream: false };

const colours: Paint = (sign, line) => {
  if (sign === "+") return styleText("green", line, asked);
  return sign === "-" ? styleText("red", line, asked) : line;
};

const changeText = (change: ObjectChange, paint: Paint): string => {
  const { action, kind, name, before, after, credential } = change;
  const mark = marks[actions.nameOf(action)] ?? "~";
  const ofCredential = credentialLines[credentials.nameOf(credential)];
  const lines = nearChanges(diffLines(textLines(before), textLines(after)));
  const head = paint(mark, `${mark} ${kinds.nameOf(kind)} ${visibleLine(name)}`);
  const shown = ofCredential === undefined ? lines : [...lines, ofCredential];
  return [head, ...shown.map(({ sign, text }) => paint(sign, `  ${sign} ${text}`))].map((line) => `${line}\n`).join("");
};

/** The changes for people, an object after the other; what does not change is left out. `coloured`: for a terminal. */
export const changesText = (changes: readonly ObjectChange[], coloured: boolean): string =>
  changes
    .filter(({ action }) => action !== ChangeAction.UNCHANGED)
    .map((change) => changeText(change, coloured ? colours : (_, line) => line))
    .join("");
