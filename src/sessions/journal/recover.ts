/** What earlier runs left in the journal: which sessions are open, and how far their chains have come. */

import type { StoreLog } from "../../store/index.ts";
import type { MasterKey } from "../master-key.ts";
import type { StoredFile } from "./folder.ts";
import { foldFrame, type OpenSessions } from "./open-sessions.ts";
import { JournalReader } from "./reader.ts";

const foldFile = async (open: OpenSessions, { path, bytes }: StoredFile, master: MasterKey): Promise<number> => {
  const reader = await JournalReader.open(path, master);
  if (reader === undefined) return bytes;
  try {
    for (let frame = await reader.next(); frame !== undefined; frame = await reader.next()) foldFrame(open, frame);
    return bytes - reader.offset;
  } finally {
    await reader.close();
  }
};

/** Reads every file, oldest first. Torn ends, which a crash may leave, were never acknowledged; they are told to the log. */
export const recoverOpen = async (stored: readonly StoredFile[], master: MasterKey, log: StoreLog): Promise<OpenSessions> => {
  const open: OpenSessions = new Map();
  for (const file of stored) {
    const torn = await foldFile(open, file, master);
    if (torn > 0) log.warn({ file: file.path, bytes: torn }, "A journal file ends torn; what is whole of it counts.");
  }
  return open;
};
