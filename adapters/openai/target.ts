/** Where a call goes below its connection's upstream, for both shapes in which the API is served: OpenAI's own and Azure's. */

import type { OpenaiOperation } from "./operations.ts";
import type { RequestBody } from "./request.ts";

export interface Target {
  /** What is appended to the upstream's URL. */
  readonly path: string;
  /** The path says the model no more, so the body must. */
  readonly bodyNamesModel: boolean;
}

const withQuery = (path: string, query: string): string => (query === "" ? path : `${path}?${query}`);

/** Query keys that mean something in Azure's shape alone. */
const withoutVersion = (query: string): string =>
  query
    .split("&")
    .filter((pair) => !pair.startsWith("api-version="))
    .join("&");

/**
 * A call that came in Azure's shape goes on in it, unless the upstream's path ends with `/v1`: that is the root of OpenAI's own shape, where the deployment is
 * the model. An upstream may be given with the `/openai` of Azure's paths or without. Anything else follows the upstream as it followed `/v1`.
 */
export const targetOf = ({ path, deployment }: OpenaiOperation, query: string, upstream: string): Target => {
  if (deployment === undefined) return { path: withQuery(path, query), bodyNamesModel: false };
  if (upstream.endsWith("/v1")) return { path: withQuery(path, withoutVersion(query)), bodyNamesModel: true };
  const root = upstream.endsWith("/openai") ? "" : "/openai";
  return { path: withQuery(`${root}/deployments/${encodeURIComponent(deployment)}${path}`, query), bodyNamesModel: false };
};

const emptyObject = /^\s*\}/;

/** A body's bytes, with the model in it where it names none. */
export const namingModel = (body: RequestBody | undefined, model: string | undefined): Buffer | undefined => {
  if (body === undefined || model === undefined || body.namesModel || body.type !== "application/json") return body?.bytes;
  const text = body.bytes.toString("utf8");
  const inside = text.indexOf("{") + 1;
  const comma = emptyObject.test(text.slice(inside)) ? "" : ",";
  return Buffer.from(`${text.slice(0, inside)}"model":${JSON.stringify(model)}${comma}${text.slice(inside)}`);
};
