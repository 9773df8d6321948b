import { create, type JsonObject, type MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { changeObject, changesText, summary } from "../../../../src/cli/declared/changes.ts";
import {
  ChangeAction,
  CredentialChange,
  type ObjectChange,
  ObjectChangeSchema,
  ObjectKind,
} from "../../../../src/gen/weir/v1/configuration_pb.ts";

const change = (init: Exclude<MessageInitShape<typeof ObjectChangeSchema>, ObjectChange>): ObjectChange => create(ObjectChangeSchema, init);

const gpt = (more: JsonObject): JsonObject => ({ protocol: "openai", upstream: "https://a.example", ...more });

const changes = [
  change({
    action: ChangeAction.UPDATE,
    kind: ObjectKind.CONNECTION,
    name: "gpt",
    before: gpt({}),
    after: gpt({ upstream: "https://b.example" }),
    credential: CredentialChange.CLEARED,
  }),
  change({
    action: ChangeAction.UNCHANGED,
    kind: ObjectKind.POLICY,
    name: "same",
    before: { effect: "allow" },
    after: { effect: "allow" },
  }),
  change({ action: ChangeAction.CREATE, kind: ObjectKind.POLICY, name: "analysts", after: { effect: "allow", match: { groups: ["a"] } } }),
  change({ action: ChangeAction.DELETE, kind: ObjectKind.ISSUER, name: "old\u001b[2J", before: { issuer: "https://id.example" } }),
];

describe("what a declaration changes", () => {
  it("is a diff of YAML, an object after the other, without what stays", () => {
    expect(changesText(changes, false)).toBe(`~ connection gpt
    protocol: openai
  - upstream: https://a.example
  + upstream: https://b.example
  - credential: cleared, for the upstream is another; give it again
+ policy analysts
  + effect: allow
  + match:
  +   groups:
  +     - a
- issuer old\\u{1b}[2J
  - issuer: https://id.example
`);
  });

  it("leaves out lines far from a change, and keeps what a change stands in", () => {
    const document = (last: number): JsonObject => ({ a: 1, match: { groups: ["g1", "g2", "g3", "g4", "g5", "g6", `g${last}`] }, z: 1 });
    const update = change({
      action: ChangeAction.UPDATE,
      kind: ObjectKind.POLICY,
      name: "p",
      before: document(7),
      after: document(8),
    });
    expect(changesText([update], false)).toBe(`~ policy p
    …
    match:
      groups:
    …
        - g4
        - g5
        - g6
  -     - g7
  +     - g8
    z: 1
`);
  });

  it("tells what becomes of a credential, in words only", () => {
    const told = (credential: CredentialChange): string =>
      changesText([change({ action: ChangeAction.UPDATE, kind: ObjectKind.CONNECTION, name: "c", credential })], false);
    expect(told(CredentialChange.UNSPECIFIED)).toBe("~ connection c\n");
    expect(told(CredentialChange.KEPT)).toBe("~ connection c\n    credential: kept\n");
    expect(told(CredentialChange.SET)).toBe("~ connection c\n  + credential: set\n");
  });

  it("has colours where they are wanted, and no text but the same", () => {
    const coloured = changesText(changes, true);
    expect(coloured).toContain("\u001b[32m  + effect: allow\u001b[39m");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control sequences
    expect(coloured.replaceAll(/\u001b\[\d+m/g, "")).toBe(changesText(changes, false));
  });

  it("is counted", () => expect(summary(changes)).toBe("1 created, 1 updated, 1 deleted, 1 unchanged"));

  it("is told to programs as objects with the id of each", () => {
    expect(changes.map(changeObject)).toMatchObject([
      { id: "gpt", kind: "connection", action: "update", credential: "cleared", after: { upstream: "https://b.example" } },
      { id: "same", kind: "policy", action: "unchanged" },
      { id: "analysts", kind: "policy", action: "create", before: undefined },
      { id: "old\u001b[2J", kind: "issuer", action: "delete", after: undefined },
    ]);
  });
});
