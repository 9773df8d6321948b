/**
 * The folder of `npm start`: what development needs to stay the same from one start to the next. Its secrets are random, made once per folder, and good
 * for nothing else; `development.json` also marks the folder, so that `weir serve` refuses it (ARCHITECTURE.md 1.8).
 */

import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { exportJWK, generateKeyPair } from "jose";
import { z } from "zod";

const marker = "development.json";
const keyBytes = 32;

const secretsSchema = z.object({
  apiKey: z.string(),
  encryptionKey: z.string(),
  /** Of the development issuer: an EC private key as a JWK. */
  signingKey: z.object({ kty: z.literal("EC"), crv: z.literal("P-256"), x: z.string(), y: z.string(), d: z.string(), kid: z.string() }),
});

export type DevelopmentSecrets = z.infer<typeof secretsSchema>;

export interface DevelopmentFolder {
  readonly path: string;
  /** What the gateway's `dataDir` is; the encryption key lies beside it, not in it. */
  readonly dataDir: string;
  readonly secrets: DevelopmentSecrets;
}

/** The folder exists and cannot be used. The message is for people. */
export class FolderUnusable extends Error {
  override readonly name = "FolderUnusable";
}

const makeSecrets = async (): Promise<DevelopmentSecrets> => {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  return secretsSchema.parse({
    apiKey: `weir_${randomBytes(keyBytes).toString("hex")}`,
    encryptionKey: randomBytes(keyBytes).toString("base64"),
    signingKey: { ...(await exportJWK(privateKey)), kid: randomBytes(8).toString("hex") },
  });
};

/** Written beside and renamed: a crash leaves the whole file or none. */
const writeSecrets = (path: string, secrets: DevelopmentSecrets): void => {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(secrets, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(draft, path);
};

const readSecrets = (path: string): DevelopmentSecrets => {
  try {
    return secretsSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    throw new FolderUnusable(`${path} cannot be read as what npm start wrote. Remove the folder ${dirname(path)} to begin anew.`);
  }
};

/** Opens the folder, making it and its secrets where they are not there. Throws {@link FolderUnusable}. */
export const openDevelopmentFolder = async (folder: string): Promise<DevelopmentFolder> => {
  const path = resolve(folder);
  // The embedded database of a gateway that root starts runs as another user, who must pass through.
  mkdirSync(path, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  const file = join(path, marker);
  if (!existsSync(file)) writeSecrets(file, await makeSecrets());
  return { path, dataDir: join(path, "data"), secrets: readSecrets(file) };
};

/** Whether a folder is, or lies in, one that `npm start` made. */
export const isDevelopmentFolder = (folder: string): boolean => {
  for (let path = resolve(folder); ; path = dirname(path)) {
    if (existsSync(join(path, marker))) return true;
    if (path === dirname(path)) return false;
  }
};
