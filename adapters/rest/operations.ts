/** Which operation a method and a path are, by the connection's own templates, a dialect, or their plain names. */

import type { Operation, PathOperation } from "../../src/envelope/call.ts";
import type { PlaceTable } from "../shared/place.ts";
import { type DialectRow, findRow } from "./dialect.ts";
import { commonEchoes, type EchoTable } from "./echoes.ts";
import { commonPlaces } from "./joins.ts";
import { openInference } from "./open-inference.ts";
import { pathName } from "./path.ts";
import { compileTemplate, fitTemplate, segmentsOf, type Template } from "./template.ts";
import { tensorflowServing } from "./tensorflow-serving.ts";
import { textGeneration } from "./text-generation.ts";

export interface RestOperation {
  readonly operation: Operation;
  /** The model that the path names. */
  readonly model: string | undefined;
  /** How the request's body is read; undefined: as its header says. */
  readonly body: "json" | "tensors" | undefined;
  /** Whether a dialect says what the body's members mean, so that one called `model` need not be the model's name. */
  readonly described: boolean;
  /** Whether a dialect says that its answer comes as events. */
  readonly streams: boolean;
  readonly joins: PlaceTable;
  readonly echoes: EchoTable;
}

const dialects = [...tensorflowServing, ...openInference, ...textGeneration];

/** Methods of an endpoint's own work; others ask about the endpoint or make something of it that nobody described. */
const workMethods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]);

/** Begins a segment's parameters (RFC 3986 section 3.3), which some servers take off before they look at the path: then it may be another's than it seems. */
const parameterMark = ";";

/** Compiled once for each connection's list, which lives as long as its configuration. */
const compiled = new WeakMap<readonly PathOperation[], readonly Template[]>();

const templatesOf = (operations: readonly PathOperation[]): readonly Template[] => {
  let templates = compiled.get(operations);
  if (templates === undefined) {
    templates = operations.map(({ template }) => compileTemplate(template));
    compiled.set(operations, templates);
  }
  return templates;
};

/** What a dialect's row says of its paths. */
const described = (row: DialectRow | undefined): Pick<RestOperation, "body" | "described" | "streams" | "joins" | "echoes"> => ({
  body: row?.body,
  described: row?.body !== undefined,
  streams: row?.streams === true,
  joins: row?.joins ?? commonPlaces,
  echoes: row?.echoes ?? commonEchoes,
});

/** Names of inference operations stand in records and decisions, so that nothing of a caller's may be in them; others need their exact name in a policy. */
const plainName = (method: string, path: string, operationClass: Operation["class"]): string =>
  `${method} ${operationClass === "inference" ? pathName(path) : path}`;

const plain = (method: string, path: string, operationClass: Operation["class"]): RestOperation => ({
  operation: { name: plainName(method, path, operationClass), class: operationClass },
  model: undefined,
  ...described(undefined),
});

/** What the connection declares comes first and alone: a path that none of its templates fits needs its exact name in a policy. */
const declared = (method: string, path: string, operations: readonly PathOperation[]): RestOperation => {
  const segments = segmentsOf(path);
  const templates = templatesOf(operations);
  for (let index = 0; index < operations.length; index++) {
    const own = operations[index];
    const template = templates[index];
    if (own === undefined || template === undefined || (own.method !== undefined && own.method !== method)) continue;
    const fit = fitTemplate(template, segments);
    if (fit === undefined) continue;
    const known = findRow(dialects, method, segments)?.row;
    return { operation: own.operation, model: fit.model, ...described(known) };
  }
  return plain(method, path, "control");
};

/**
 * The operation of a method and a canonical path behind the route's prefix. Where the connection declares operations, they alone name; else a dialect does;
 * else the operation is `METHOD /path`, with `*` for what is no word: inference, because a custom endpoint is what the connection is for, or control for methods such as OPTIONS
 * and for paths that servers may read otherwise.
 */
export const operationOf = (method: string, path: string, operations: readonly PathOperation[]): RestOperation => {
  if (operations.length > 0) return declared(method, path, operations);
  const found = findRow(dialects, method === "HEAD" ? "GET" : method, segmentsOf(path));
  if (found === undefined) return plain(method, path, workMethods.has(method) && !path.includes(parameterMark) ? "inference" : "control");
  const { row, model } = found;
  return { operation: { name: row.name ?? plainName(method, path, row.class), class: row.class }, model, ...described(row) };
};
