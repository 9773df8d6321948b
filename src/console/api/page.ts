/** Pages of lists that are ordered by a time and an id. */

import { Code, ConnectError } from "@connectrpc/connect";

const defaultPage = 50;
const largestPage = 1000;

/** How many entries a page has: as asked, within reason. */
export const pageSizeOf = (asked: number): number => Math.min(asked > 0 ? asked : defaultPage, largestPage);

/** What names the entry that a page ended with. */
export const pageToken = (at: Date, id: string): string => Buffer.from(`${at.getTime()} ${id}`).toString("base64url");

/** The entry that a token names. Throws `invalid_argument`. */
export const pagePoint = (token: string): { readonly at: Date; readonly id: string } => {
  const [milliseconds, id] = Buffer.from(token, "base64url").toString().split(" ");
  const at = new Date(Number(milliseconds));
  if (id === undefined || Number.isNaN(at.getTime())) throw new ConnectError("page_token is not one of ours.", Code.InvalidArgument);
  return { at, id };
};

/** A page out of one entry more than it holds, and the token of the next one; empty on the last page. */
export const pageOf = <T>(
  found: readonly T[],
  size: number,
  tokenOf: (last: T) => string,
): { readonly page: readonly T[]; readonly next: string } => {
  const page = found.slice(0, size);
  const last = page.at(-1);
  return { page, next: found.length > size && last !== undefined ? tokenOf(last) : "" };
};
