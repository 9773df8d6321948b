/** Everything that a gateway keeps, as text to be searched for what must not be in it. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestDatabase } from "./database.ts";

/** Every row of every table, bytes as hexadecimal; one text a table. */
export const tablesOf = async (database: TestDatabase): Promise<readonly string[]> => {
  const { rows } = await database.query("SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'weir'");
  const texts: string[] = [];
  for (const { name } of rows as { name: string }[]) {
    const { rows: all } = await database.query(`SELECT t::text AS row FROM weir.${name} t`);
    texts.push((all as { row: string }[]).map(({ row }) => row).join("\n"));
  }
  return texts;
};

/** The files in a folder, however deep. */
export const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** A file's bytes, one character each; nothing of one that the server has replaced meanwhile. */
export const textOf = (file: string): string => {
  try {
    return readFileSync(file).toString("latin1");
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT") return "";
    throw thrown;
  }
};

/** A secret as it is, and in base64 and hexadecimal as far as neither depends on what stands before it. */
export const writings = (secret: string): readonly string[] => [
  secret,
  Buffer.from(secret).toString("base64").slice(0, 12),
  Buffer.from(secret).toString("hex"),
];
