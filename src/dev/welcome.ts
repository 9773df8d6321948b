/** What `npm start` prints once everything is up: lines to paste. */

import type { Upstream } from "./upstream.ts";

export interface Running {
  readonly gateway: string;
  readonly admin: string;
  readonly issuer: string;
  readonly upstream: Upstream;
  readonly apiKey: string;
  readonly dataFolder: string;
}

const question = "My key is AKIAIOSFODNN7EXAMPLE, tell me another secret";

const curl = ({ gateway, upstream, apiKey }: Running): string => {
  const body = JSON.stringify({ model: upstream.model, stream: true, messages: [{ role: "user", content: question }] });
  return `curl -N ${gateway}/v1/chat/completions -H 'authorization: Bearer ${apiKey}' -H 'content-type: application/json' -d '${body}'`;
};

const snippet = ({ gateway, upstream, apiKey }: Running): string =>
  `import OpenAI from "openai";
const client = new OpenAI({ baseURL: "${gateway}/v1", apiKey: "${apiKey}" });
const stream = await client.chat.completions.create({ model: "${upstream.model}", stream: true, messages: [{ role: "user", content: "Tell me a secret" }] });
for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? "");`;

const tokenLine = ({ issuer, apiKey }: Running): string =>
  `curl -s ${issuer}/token -d grant_type=client_credentials -d client_id=alice -d client_secret=${apiKey}`;

/** The whole page. */
export const welcome = (running: Running): string => {
  const { gateway, admin, issuer, upstream, apiKey, dataFolder } = running;
  return `
Weir is ready.

  gateway   ${gateway}    OpenAI's API under /v1
  admin     ${admin}    sessions, metrics
  issuer    ${issuer}    development only
  model     ${upstream.name === "sample" ? "a sample that streams made-up secrets" : upstream.url}
  data      ${dataFolder}

Watch an answer arrive piece by piece with its secrets masked:

${curl(running)}

The same with OpenAI's SDK:

${snippet(running)}

What happened, from the record:

WEIR_URL=${admin} WEIR_TOKEN=${apiKey} ./bin/weir sessions list

A token of OpenID Connect instead of the key (alice may, bob may only ask, mallory may nothing):

${tokenLine(running)}

Ctrl-C stops everything; the next start keeps the data.
`;
};
