/** Checks of connections and of every address the gateway would dial. */

import { isIP } from "node:net";
import type { Egress } from "../config.ts";
import { egressCheck } from "../egress.ts";
import type { Finding, Path } from "../problem.ts";
import type { Parsed } from "../schema/index.ts";
import { type Check, repeated } from "./check.ts";

/** First path segments of the gateway's own and of well-known APIs (ARCHITECTURE.md 1.3), which `/NAME/…` must not shadow. */
const reservedNames: ReadonlySet<string> = new Set(["v1", "openai", "oauth", "healthz", "readyz", "weir.v1.InferenceService"]);

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
  reads: ["connections"],
  find: ({ connections }) =>
    connections.flatMap(({ credential }, index) =>
      credential === undefined || /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(credential.value.reveal())
        ? []
        : [{ path: ["connections", index, "credential", "value"], message: "must be printable ASCII on one line, to stand in a header" }],
    ),
};

/** A prefix that another one begins with is a matter of order; an equal one is two answers to one question. */
const routes: Check = {
  reads: ["connections"],
  find: ({ connections }) => {
    const owners = new Map<string, string>();
    return connections.flatMap(({ name, route }, index) =>
      (["hosts", "paths"] as const).flatMap((kind) =>
        (route[kind] ?? []).flatMap((value, at): Finding[] => {
          const owner = owners.get(`${kind} ${value}`);
          owners.set(`${kind} ${value}`, name);
          return owner === undefined ? [] : [{ path: ["connections", index, "route", kind, at], message: `leads to "${owner}" already` }];
        }),
      ),
    );
  },
};

/** What is wrong with dialling a URL. What a name resolves to is checked when it is dialled. */
const dialFinding = (url: string, path: Path, egress: Egress): readonly Finding[] => {
  const { protocol, hostname } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, "");
  const address = host === "localhost" ? "127.0.0.1" : host;
  if (isIP(address) !== 0 && !egressCheck(egress)(address))
    return [{ path, message: `egress.allow does not let the gateway dial ${host}: it is not in a network listed there` }];
  return protocol === "http:" && egress.allow === undefined
    ? [{ path, message: "http: sends texts and credentials readable over the internet; use https:, or list the network in egress.allow" }]
    : [];
};

const dialled = ({ connections, issuers, egress }: Parsed): readonly Finding[] => {
  const networks = { allow: egress?.allow };
  const keysOf = ({ issuer, jwksUri }: Parsed["issuers"][number]) => jwksUri ?? issuer;
  return [
    ...connections.flatMap(({ upstream }, index) => dialFinding(upstream, ["connections", index, "upstream"], networks)),
    ...issuers.flatMap((issuer, index) => {
      const path = ["issuers", index, issuer.jwksUri === undefined ? "issuer" : "jwksUri"];
      return URL.canParse(keysOf(issuer)) ? dialFinding(keysOf(issuer), path, networks) : [];
    }),
  ];
};

/** Checks of connections, and of every address that the gateway would dial. */
export const connectionChecks: readonly Check[] = [
  names,
  credentialHeaders,
  credentialValues,
  routes,
  { reads: ["connections", "issuers", "egress"], find: dialled },
];
