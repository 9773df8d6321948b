/** The journal's folder: numbered files, oldest first. */

import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const fileName = /^(\d{12})\.journal$/;
const digits = 12;

/** A file of an earlier run, or one that is full, on its way to the database. */
export interface StoredFile {
  readonly path: string;
  readonly bytes: number;
}

export class JournalFolder {
  readonly path: string;
  #highest: number;

  constructor(dataDir: string) {
    this.path = join(dataDir, "journal");
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
    this.#highest = this.#numbers().at(-1) ?? 0;
  }

  /** What earlier runs left, oldest first. */
  stored(): StoredFile[] {
    return this.#numbers().map((number) => {
      const path = this.#pathOf(number);
      return { path, bytes: statSync(path).size };
    });
  }

  /** The path of a new file, after all others. */
  nextPath(): string {
    this.#highest += 1;
    return this.#pathOf(this.#highest);
  }

  #numbers(): number[] {
    return readdirSync(this.path)
      .map((name) => Number(fileName.exec(name)?.[1] ?? Number.NaN))
      .filter((number) => !Number.isNaN(number))
      .sort((a, b) => a - b);
  }

  #pathOf(number: number): string {
    return join(this.path, `${String(number).padStart(digits, "0")}.journal`);
  }
}
