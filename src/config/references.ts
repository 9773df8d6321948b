/** `${env:NAME}` and `${file:PATH}`: how secret fields name what does not stand in the file (ARCHITECTURE.md 1.2). */

import { Secret } from "./secret.ts";

/** Where references lead. A reader returns undefined for what is not there. */
export interface ReferenceSources {
  readonly env: (name: string) => string | undefined;
  /** `path` as written; relative ones start at the configuration's folder. Throws what the file system throws. */
  readonly file: (path: string) => { readonly text: string; readonly path: string };
}

const reference = /\$\{(?<kind>[^:}]*):(?<name>[^}]*)\}/g;
const environmentName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** What stands in a secret field, with its references replaced by a stand-in that no secret looks like, for checks of the text around them. */
export const withoutReferences = (text: string): string => text.replaceAll(reference, standIn);

/** Stands for a reference in a text. A URL keeps it as it is. */
export const standIn = "_REFERENCE_";

/** Whether a text has a reference, or something that looks like the beginning of one. */
export const hasReference = (text: string): boolean => text.includes(`\${env:`) || text.includes(`\${file:`);

/** Resolves every reference of a text. Returns the reason instead where one leads nowhere; the reason names the reference, never a value. */
export const resolveReferences = (text: string, sources: ReferenceSources): Secret | { readonly reason: string } => {
  const files: string[] = [];
  const reasons: string[] = [];
  const value = text.replaceAll(reference, (_, kind: string, name: string) => {
    const found = resolveOne(kind, name, sources);
    if ("reason" in found) reasons.push(found.reason);
    else if (found.path !== undefined) files.push(found.path);
    return "reason" in found ? "" : found.text;
  });
  return reasons.length > 0 ? { reason: reasons.join("; ") } : new Secret(value, text, files);
};

type Found = { readonly text: string; readonly path?: string } | { readonly reason: string };

const resolveOne = (kind: string, name: string, sources: ReferenceSources): Found => {
  if (kind === "env") return resolveVariable(name, sources);
  if (kind === "file") return resolveFile(name, sources);
  return { reason: `"\${${kind}:…}" is no reference: there are \${env:NAME} and \${file:PATH}` };
};

const resolveVariable = (name: string, { env }: ReferenceSources): Found => {
  if (!environmentName.test(name)) return { reason: `"${name}" is no name of an environment variable` };
  const text = env(name);
  if (text === undefined) return { reason: `the environment variable ${name} is not set` };
  return text === "" ? { reason: `the environment variable ${name} is empty` } : { text };
};

const resolveFile = (path: string, { file }: ReferenceSources): Found => {
  try {
    const read = file(path);
    const text = read.text.replace(/\r?\n$/, "");
    return text === "" ? { reason: `the file ${path} is empty` } : { text, path: read.path };
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? ` (${String(thrown.code)})` : "";
    return { reason: `the file ${path} cannot be read${code}` };
  }
};
