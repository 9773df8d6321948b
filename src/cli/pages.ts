/** Lists that the API gives in pages. */

/** The API's largest page. */
const largestPage = 1_000;

interface PageRequest {
  readonly pageSize: number;
  /** Empty: the first page. */
  readonly pageToken: string;
}

interface Page<Item> {
  readonly items: readonly Item[];
  /** Empty: there is no more. */
  readonly nextPageToken: string;
}

/** Asks for page after page, up to the limit. */
export const everyPage = async <Item>(
  ask: (request: PageRequest) => Promise<Page<Item>>,
  limit: number = Number.POSITIVE_INFINITY,
): Promise<readonly Item[]> => {
  const found: Item[] = [];
  for (let pageToken = ""; ; ) {
    const page = await ask({ pageSize: Math.min(limit - found.length, largestPage), pageToken });
    found.push(...page.items);
    if (page.nextPageToken === "" || found.length >= limit) return found;
    pageToken = page.nextPageToken;
  }
};
