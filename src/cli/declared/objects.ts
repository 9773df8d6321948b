/** Objects to declare, from files and from stdin, on their way to a gateway. */

import { dirname } from "node:path";
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type Declarations,
  type DeclaredObject,
  type DeclaredSection,
  parseDeclaration,
  parseDeclarations,
  readConfig,
} from "../../config/index.ts";
import { type DeclaredObjectSchema, ObjectKind } from "../../gen/weir/v1/configuration_pb.ts";
import type { ConnectionCredentialSchema } from "../../gen/weir/v1/connection_pb.ts";
import { callerSettings, checkRules } from "../../main.ts";
import { orRefuse } from "../configuration.ts";
import { CommandFailed } from "../failure.ts";
import { decodeUtf8 } from "../input.ts";

type Input = AsyncIterable<Uint8Array>;

/** Stdin, where a command takes a file. */
const standardInput = "-";

/** What is written by people is shorter; the gateway takes no more either. */
const longestInput = 4 * 1024 * 1024;

const readInput = async (input: Input): Promise<string> => {
  let text = "";
  for await (const piece of decodeUtf8(input)) {
    text += piece;
    if (text.length > longestInput) throw new CommandFailed("The input is too long.");
  }
  return text;
};

interface Source {
  readonly text: string;
  /** How problems name it. */
  readonly file: string;
  readonly options: { readonly env: NodeJS.ProcessEnv; readonly folder: string };
}

const sourceOf = async (file: string, input: Input): Promise<Source> =>
  file === standardInput
    ? { text: await readInput(input), file: "stdin", options: { env: process.env, folder: "." } }
    : { text: readConfig(file), file, options: { env: process.env, folder: dirname(file) } };

/** Patterns, detectors and expressions, each at its place. */
const checked = (declarations: Declarations): Declarations => {
  const { policies, issuers, places } = declarations;
  checkRules({ config: { policies, recording: { durability: "process", detectors: [] } }, places });
  callerSettings({ config: { issuers, identities: [] }, places });
  return declarations;
};

/** Reads a file for `weir apply`; `-` is stdin. Secrets are looked up by this process and no other. Rejects with CommandFailed. */
export const readDeclarations = (file: string, input: Input): Promise<Declarations> =>
  orRefuse(async () => {
    const { text, file: name, options } = await sourceOf(file, input);
    return checked(parseDeclarations(text, name, options));
  });

/** A file that is one object. */
export interface SingleObject {
  readonly object: DeclaredObject;
  readonly declarations: Declarations;
}

/** Reads a file that is one object; `-` is stdin. Rejects with CommandFailed. */
export const readDeclaration = (section: DeclaredSection, file: string, input: Input): Promise<SingleObject> =>
  orRefuse(async () => {
    const { text, file: name, options } = await sourceOf(file, input);
    const declarations = checked(parseDeclaration(section, text, name, options));
    const [object] = declarations.objects;
    if (object === undefined) throw new CommandFailed(`${name} declares nothing.`);
    return { object, declarations };
  });

/** The part of a message that carries a credential: none where none was written. */
export const credentialMessage = ({
  credential,
}: DeclaredObject): { readonly credential?: Exclude<MessageInitShape<typeof ConnectionCredentialSchema>, undefined> } =>
  credential === undefined ? {} : { credential: { header: credential.header, value: credential.value.reveal() } };

const kindOf: Readonly<Record<DeclaredSection, ObjectKind>> = {
  connections: ObjectKind.CONNECTION,
  policies: ObjectKind.POLICY,
  issuers: ObjectKind.ISSUER,
};

/** An object as the API takes it, its credential in the clear: for the gateway alone. */
export const objectMessage = (object: DeclaredObject): MessageInitShape<typeof DeclaredObjectSchema> => ({
  kind: kindOf[object.section],
  name: object.name,
  document: { ...object.document },
  ...credentialMessage(object),
});
