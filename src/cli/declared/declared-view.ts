/** Objects of the configuration as commands show them. */

import type { JsonObject } from "@bufbuild/protobuf";
import { type Declaration, ManagedBy } from "../../gen/weir/v1/declared_pb.ts";
import { timeText } from "../arguments.ts";
import { namesOf } from "../names.ts";
import type { View } from "../view.ts";
import { visibleLine } from "../visible.ts";
import { documentText } from "./document-text.ts";

/** What connections, policies and issuers have in common. */
export interface DeclaredItem {
  readonly name: string;
  readonly document?: JsonObject | undefined;
  readonly declaration?: Declaration | undefined;
  /** Of a connection that has a credential. */
  readonly credentialHeader?: string | undefined;
}

const managers = namesOf({ file: ManagedBy.FILE, api: ManagedBy.API });

const managerOf = ({ declaration }: DeclaredItem): string => managers.nameOf(declaration?.managedBy ?? ManagedBy.UNSPECIFIED);

const declaredObject = (item: DeclaredItem): Readonly<Record<string, unknown>> => {
  const { name, document, declaration, credentialHeader } = item;
  return {
    id: name,
    managedBy: managerOf(item),
    revision: declaration?.revision,
    updatedAt: timeText(declaration?.updatedAt),
    updatedBy: declaration?.updatedBy === "" ? undefined : declaration?.updatedBy,
    credentialHeader,
    document,
  };
};

/** Columns of a kind of object, besides those that all have, and where its document has them. */
const columns: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  connection: { PROTOCOL: "protocol", UPSTREAM: "upstream" },
  policy: { EFFECT: "effect", MODE: "mode" },
  issuer: { ISSUER: "issuer" },
};

const cell = (value: unknown): string => (typeof value === "string" ? value : "");

/** How lists show one kind of object: `connection`, `policy` or `issuer`. */
export const declaredView = (noun: string): View<DeclaredItem> => {
  const own = columns[noun] ?? {};
  return {
    head: ["NAME", ...Object.keys(own), "MANAGED BY", "UPDATED", "BY"],
    row: (item) => [
      item.name,
      ...Object.values(own).map((key) => cell(item.document?.[key])),
      managerOf(item),
      timeText(item.declaration?.updatedAt) ?? "",
      item.declaration?.updatedBy ?? "",
    ],
    object: declaredObject,
  };
};

const comments = (item: DeclaredItem): readonly string[] => {
  const { declaration, credentialHeader } = item;
  const updated = timeText(declaration?.updatedAt);
  const from =
    managerOf(item) === "file"
      ? "declared in the gateway's file, and read-only here"
      : `declared in the database by ${declaration?.updatedBy ?? ""}`;
  return [
    `${from}${updated === undefined ? "" : `, ${updated}`}`,
    `revision ${declaration?.revision ?? ""}`,
    ...(credentialHeader === undefined ? [] : [`has a credential in the header ${credentialHeader}, which stays unless another is given`]),
  ];
};

/** One object as YAML, as weir.yaml has it, with comments about it; commands that take a file take it. */
export const declaredText = (item: DeclaredItem): string =>
  `${comments(item)
    .map((line) => `# ${visibleLine(line)}\n`)
    .join("")}${documentText({ name: item.name })}${documentText(item.document ?? {})}`;
