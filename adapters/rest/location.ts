/** Where redirects lead: never followed, but told in the gateway's own terms. */

import type { Translation } from "./answer-headers.ts";

const isBelow = (path: string, base: string): boolean =>
  base === "" || path === base || path.startsWith(`${base}/`) || path.startsWith(`${base}?`);

/**
 * Translates an upstream's `Location` for a caller behind the gateway: what lies in the upstream's own tree is told under the route's prefix; anything else on the
 * upstream's origin is taken away, because it names an address that callers have no business with. Relative references and other origins stay as they are.
 */
export const locationFor = (upstream: string, prefix: string): Translation => {
  const { origin, pathname } = new URL(upstream);
  const base = pathname.replace(/\/$/, "");
  const within = (path: string): string | undefined => (isBelow(path, base) ? prefix + path.slice(base.length) : undefined);
  return (value) => {
    if (value.startsWith("/") && !value.startsWith("//")) return within(value);
    if (!/^(?:[A-Za-z][A-Za-z0-9+.-]*:|\/\/)/.test(value)) return value;
    try {
      const target = new URL(value, upstream);
      return target.origin === origin ? within(target.pathname + target.search + target.hash) : value;
    } catch {
      return undefined;
    }
  };
};
