/** Checks of connections and of every address the gateway would dial. */

import { isIP } from "node:net";
import type { CompileEgress } from "../network.ts";
import type { Finding, Path } from "../problem.ts";
import type { Parsed } from "../schema/index.ts";
import { type Check, repeated } from "./check.ts";
import { protocolChecks } from "./protocol.ts";

/** First path segments behind which there is the gateway itself, and never a connection. */
const ownRoots: readonly string[] = ["oauth", ".well-known", "healthz", "readyz", "weir.v1.InferenceService"];

/** First path segments of the gateway's own and of well-known APIs (ARCHITECTURE.md 1.3), which `/NAME/…` must not shadow. */
const reservedNames: ReadonlySet<string> = new Set(["v1", "openai", ...ownRoots]);

/** Headers that are the gateway's to set, or that frame the message (RFC 9110 section 7.6.1, RFC 9112 section 6). */
const unsettable: ReadonlySet<string> = new Set([
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "expect",
  "host",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

const names: Check = {
  reads: ["connections"],
  find: ({ connections }) => [
    ...repeated(
      "connections",
      connections.map(({ name }) => name),
      "connection",
    ),
    ...connections.flatMap(({ name }, index) =>
      reservedNames.has(name) ? [{ path: ["connections", index, "name"], message: `/${name} is a path of the gateway's own` }] : [],
    ),
  ],
};

const credentialHeaders: Check = {
  reads: ["connections"],
  find: ({ connections }) =>
    connections.flatMap(({ credential }, index): Finding[] => {
      const header = credential?.header ?? "";
      const refused = unsettable.has(header) || header.startsWith("weir-");
      return refused
        ? [{ path: ["connections", index, "credential", "header"], message: `${header} is a header of the gateway's own` }]
        : [];
    }),
};

const credentialValues: Check = {
  opensSecrets: true,
  reads: ["connections"],
  find: ({ connections }) =>
    connections.flatMap(({ credential }, index) =>
      credential === undefined || /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(credential.value.reveal())
        ? []
        : [{ path: ["connections", index, "credential", "value"], message: "must be printable ASCII on one line, to stand in a header" }],
    ),
};

/** A prefix that another one begins with is for callers to tell apart by name; an equal one is two answers to one question. */
const routes: Check = {
  reads: ["connections"],
  find: ({ connections }) => {
    const owners = new Map(connections.map(({ name }) => [`paths /${name}`, name]));
    return connections.flatMap(({ name, route }, index) =>
      (["hosts", "paths"] as const).flatMap((kind) =>
        (route[kind] ?? []).flatMap((value, at): Finding[] => {
          const owner = owners.get(`${kind} ${value}`);
          owners.set(`${kind} ${value}`, name);
          return owner === undefined || owner === name
            ? []
            : [{ path: ["connections", index, "route", kind, at], message: `leads to "${owner}" already` }];
        }),
      ),
    );
  },
};

const ownPaths: Check = {
  reads: ["connections"],
  find: ({ connections }) =>
    connections.flatMap(({ route }, index) =>
      (route.paths ?? []).flatMap((path, at): Finding[] => {
        const root = path.split("/")[1] ?? "";
        const message = `below /${root} there is the gateway itself`;
        return ownRoots.includes(root) ? [{ path: ["connections", index, "route", "paths", at], message }] : [];
      }),
    ),
};

/** A URL that the gateway would dial, and where it stands. */
interface Dialled {
  readonly url: string;
  readonly path: Path;
}

const dialled = ({ connections, issuers }: Parsed): readonly Dialled[] => [
  ...connections.map(({ upstream }, index) => ({ url: upstream, path: ["connections", index, "upstream"] })),
  ...issuers.flatMap(({ issuer, jwksUri }, index) =>
    URL.canParse(jwksUri ?? issuer)
      ? [{ url: jwksUri ?? issuer, path: ["issuers", index, jwksUri === undefined ? "issuer" : "jwksUri"] }]
      : [],
  ),
];

const readableOnTheWay: Check = {
  reads: ["connections", "issuers", "egress"],
  find: (parsed) =>
    dialled(parsed).flatMap(({ url, path }) =>
      new URL(url).protocol === "http:" && parsed.egress === undefined
        ? [{ path, message: "http: would be readable on its way over the internet: use https:, or list its network in egress.allow" }]
        : [],
    ),
};

/** The address that a URL itself names; undefined for a name, which is checked when it is dialled. */
const literalAddress = (url: string): string | undefined => {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, "");
  if (host === "localhost") return "127.0.0.1";
  return isIP(host) === 0 ? undefined : host;
};

const insideEgress = (compileEgress: CompileEgress): Check => ({
  reads: ["connections", "issuers", "egress"],
  find: (parsed) => {
    const { allows } = compileEgress(parsed.egress?.allow);
    return dialled(parsed).flatMap(({ url, path }): Finding[] => {
      const address = literalAddress(url);
      return address === undefined || allows(address)
        ? []
        : [{ path, message: `${address} may not be dialled: no network of egress.allow holds it` }];
    });
  },
});

/** Checks of connections, and of every address that the gateway would dial. */
export const connectionChecks = (compileEgress: CompileEgress | undefined): readonly Check[] => [
  names,
  credentialHeaders,
  credentialValues,
  routes,
  ownPaths,
  ...protocolChecks,
  readableOnTheWay,
  ...(compileEgress === undefined ? [] : [insideEgress(compileEgress)]),
];
