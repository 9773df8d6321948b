/** What can be taken away from a running stream: how its caller comes by it, and how it is taken and given back. */

import { randomBytes } from "node:crypto";
import type { Client } from "@connectrpc/connect";
import { TokenService } from "../../../src/gen/weir/v1/token_pb.ts";
import type { TestIssuer } from "../../support/issuer.ts";
import { managing } from "../../support/management.ts";
import type { Replica } from "../../support/replicas.ts";

export const kinds = ["token", "identity", "issuer", "connection"] as const;
export type Kind = (typeof kinds)[number];

/** Where a trial takes place. */
export interface Field {
  readonly issuer: TestIssuer;
  /** Where streams run. */
  readonly serving: Replica;
  /** Where access is taken away. */
  readonly revoking: Replica;
  readonly adminKey: string;
}

/** A caller's credential, and how it is made worthless at the other replica. */
export interface Taken {
  readonly token: string;
  readonly revoke: () => Promise<unknown>;
  /** So that the next trial can begin. */
  readonly restore: () => Promise<unknown>;
}

const management = ({ revoking, adminKey }: Field): Client<typeof TokenService> =>
  managing(TokenService, { adminUrl: revoking.adminUrl, key: adminKey });

const post = async (url: string, form: Readonly<Record<string, string>>): Promise<{ readonly access_token?: string }> => {
  const answer = await fetch(url, { method: "POST", body: new URLSearchParams(form) });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  const said = await answer.text();
  return said === "" ? {} : (JSON.parse(said) as { access_token?: string });
};

const exchanged = async ({ serving }: Field, subject: string): Promise<string> => {
  const { access_token: token } = await post(`${serving.url}/oauth/token`, {
    grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
    subject_token: subject,
    subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
  });
  if (token === undefined) throw new Error("no token was issued");
  return token;
};

const nothing = (): Promise<void> => Promise.resolve();
const reason = "campaign";

/** A caller of its own for one trial. */
export const prepare = async (field: Field, kind: Kind, connection: string): Promise<Taken> => {
  const subject = `caller-${randomBytes(8).toString("hex")}`;
  const signed = await field.issuer.sign({ sub: subject, groups: ["analysts"] });
  const client = management(field);
  switch (kind) {
    case "token": {
      const token = await exchanged(field, signed);
      return { token, revoke: () => post(`${field.revoking.url}/oauth/revoke`, { token }), restore: nothing };
    }
    case "identity": {
      const what = { what: { case: "identity", value: { issuer: "corp", subject } } } as const;
      return { token: signed, revoke: () => client.revoke({ what, reason }), restore: nothing };
    }
    case "issuer":
    case "connection": {
      const what = { what: { case: kind, value: kind === "issuer" ? "corp" : connection } } as const;
      return { token: signed, revoke: () => client.revoke({ what, reason }), restore: () => client.restore({ what }) };
    }
  }
};
