/** The configuration of `npm start`, written as a user would write it. It passes through the same reader and the same checks. */

import { stringify } from "yaml";
import type { DevelopmentFolder } from "./folder.ts";
import { developmentAudience } from "./issuer.ts";
import type { Environment, Upstream } from "./upstream.ts";

export interface DevelopmentSetup {
  readonly folder: DevelopmentFolder;
  readonly upstream: Upstream;
  readonly issuer: string;
  readonly port: number;
  readonly adminPort: number;
}

const apiKeyName = "WEIR_DEVELOPMENT_KEY";
const encryptionKeyName = "WEIR_DEVELOPMENT_ENCRYPTION_KEY";

/** A developer's model may run on this machine or in the same house. */
const networks = ["public", "127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];

const connection = ({ name, url, credential }: Upstream): object => ({
  name,
  protocol: "openai",
  upstream: url,
  ...(credential ? { credential: { header: "authorization", value: `Bearer \${env:OPENAI_API_KEY}` } } : {}),
});

const masked = { request: ["credentials"], response: ["all"] };

const document = ({ folder, upstream, issuer, port, adminPort }: DevelopmentSetup): object => ({
  listen: { address: "127.0.0.1", port },
  admin: { address: "127.0.0.1", port: adminPort },
  database: "embedded",
  dataDir: folder.dataDir,
  encryptionKey: `\${env:${encryptionKeyName}}`,
  egress: { allow: networks },
  roles: { admin: ["developers"], reviewer: ["developers"], auditor: ["developers"] },
  issuers: [{ name: "development", issuer, audience: developmentAudience, algorithms: ["ES256"], groups: ["developers", "guests"] }],
  identities: [{ name: "developer", kind: "service", groups: ["developers"], apiKey: `\${env:${apiKeyName}}` }],
  connections: [connection(upstream)],
  policies: [
    { name: "developers", match: { groups: ["developers", "guests"], connections: [upstream.name] }, effect: "allow", mask: masked },
  ],
});

/** The text of the configuration; secrets stand in it as references. */
export const developmentConfiguration = (setup: DevelopmentSetup): string =>
  `# Written by npm start, anew at every start. A weir.yaml of your own: docs/guide.md.\n${stringify(document(setup))}`;

/** What its references lead to. */
export const developmentEnvironment = ({ folder }: DevelopmentSetup, env: Environment): Environment => ({
  ...env,
  [apiKeyName]: folder.secrets.apiKey,
  [encryptionKeyName]: folder.secrets.encryptionKey,
});
