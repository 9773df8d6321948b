/** The reference prototype, where a path to it was given: measured beside the engine, never part of it. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** A detector in the reference's own form. */
export interface ReferenceDetector {
  readonly name: string;
  readonly re: RegExp;
  readonly mode?: "first" | "longest";
  readonly validate?: (text: string) => boolean;
}

/** What is measured of the reference. */
export interface Reference {
  readonly detectors: readonly ReferenceDetector[];
  compile(detectors: readonly ReferenceDetector[]): unknown;
  open(program: unknown): { push(chunk: string): string; finish(): string };
}

interface Loaded {
  readonly default: readonly ReferenceDetector[];
  readonly compile: (detectors: readonly ReferenceDetector[]) => unknown;
  readonly Masker: new (program: unknown) => { push(chunk: string): string; finish(): string };
}

/** Loads the prototype of a folder; undefined, with a word about it, where there is none. */
export async function loadReference(folder: string | undefined): Promise<Reference | undefined> {
  if (folder === undefined || !existsSync(join(folder, "engine3.mjs"))) {
    process.stderr.write("no reference prototype given (--reference FOLDER): its columns stay empty\n");
    return undefined;
  }
  const part = async (name: string): Promise<Partial<Loaded>> => import(pathToFileURL(join(folder, name)).href);
  const [detectors, compiler, engine] = [await part("detectors.mjs"), await part("compile.mjs"), await part("engine3.mjs")];
  const { Masker } = engine;
  if (detectors.default === undefined || compiler.compile === undefined || Masker === undefined)
    throw new Error(`${folder} holds no reference prototype`);
  return { detectors: detectors.default, compile: compiler.compile, open: (program) => new Masker(program) };
}
