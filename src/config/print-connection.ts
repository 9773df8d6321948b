/** A resolved connection in the notation of `weir.yaml`. */

import type { DescriptorSource, Descriptors, PathOperation } from "../envelope/call.ts";
import type { ConnectionConfig, ConnectionRoute } from "./config.ts";
import { printDuration } from "./print-duration.ts";

/** In the file a list that is there says something: an empty one is left out. */
const said = <Item>(list: readonly Item[]): readonly Item[] | undefined => (list.length === 0 ? undefined : list);

const printSource = (source: DescriptorSource): Readonly<Record<string, unknown>> => {
  switch (source.kind) {
    case "builtin":
      return { builtin: source.name };
    case "file":
      return { file: source.path };
    case "proto":
      return { proto: source.paths, roots: source.roots };
    case "reflection":
      return { reflection: true };
  }
};

const printDescriptors = ({ source, join }: Descriptors) => ({ ...printSource(source), join: said(join) });

const printOperation = ({ method, template, operation }: PathOperation) => ({
  name: operation.name,
  method,
  path: template,
  class: operation.class,
});

const printRoute = ({ models, hosts, paths, services }: ConnectionRoute) => ({
  models,
  hosts: said(hosts),
  paths: said(paths),
  services: said(services),
});

/** INVARIANT: holds no secret, and nothing that is made of one. */
export const printConnection = (connection: ConnectionConfig) => {
  const { name, protocol, upstream, http, credential, timeouts, descriptors, operations, route, anonymous } = connection;
  return {
    ...{ name, protocol, upstream, http },
    credential: credential && { header: credential.header, value: credential.value.reference },
    timeouts: Object.fromEntries(Object.entries(timeouts).map(([each, ms]: [string, number]) => [each, printDuration(ms)])),
    descriptors: descriptors && printDescriptors(descriptors),
    operations: said(operations.map(printOperation)),
    route: printRoute(route),
    anonymous,
  };
};
