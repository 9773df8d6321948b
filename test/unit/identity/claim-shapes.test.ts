import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callerSettings } from "../../../src/callers.ts";
import { parseConfig } from "../../../src/config/index.ts";
import { networkOf } from "../../../src/connections/index.ts";
import type { Principal } from "../../../src/envelope/call.ts";
import { Directory } from "../../../src/identity/index.ts";
import { startIssuer, type TestIssuer } from "../../support/issuer.ts";

/** Tokens as the providers' own documentation shows them, signed by a provider of ours: what counts here is how their claims are read. */
let provider: TestIssuer;
const open: Directory[] = [];

beforeAll(async () => {
  provider = await startIssuer();
});
afterAll(async () => {
  for (const each of open) await each.close();
  await provider.away();
});

const directory = (issuer: string): Directory => {
  const text = `
encryptionKey: \${env:KEY}
egress: { allow: [127.0.0.0/8] }
issuers: [{ name: idp, issuer: "${provider.url}", audience: weir, algorithms: [RS256], ${issuer} }]
`;
  const loaded = parseConfig(text, "weir.yaml", { env: { KEY: Buffer.alloc(32, 7).toString("base64") } });
  const made = new Directory({ settings: callerSettings(loaded), network: networkOf(() => true) });
  open.push(made);
  return made;
};

const identify = async (made: Directory, claims: Record<string, unknown>): Promise<Principal> =>
  made.identify({ credentials: [{ source: "authorization", value: await provider.sign({ groups: undefined, ...claims }) }] });

const refusal = (made: Directory, claims: Record<string, unknown>): Promise<string> =>
  identify(made, claims).then(
    () => "accepted",
    (thrown: { note?: string }) => thrown.note ?? "",
  );

describe("GitHub Actions (docs.github.com, OpenID Connect reference)", () => {
  const claims = {
    sub: "repo:octo-org/octo-repo:environment:prod",
    repository: "octo-org/octo-repo",
    repository_id: "74",
    repository_owner_id: "65",
    environment: "prod",
    event_name: "push",
    ref: "refs/heads/main",
    ref_protected: "true",
    job_workflow_ref: "octo-org/octo-automation/.github/workflows/oidc.yml@refs/heads/main",
  };
  const github = () =>
    directory(`conditions: ['claims.repository_id == "74" && claims.environment == "prod"', 'claims.event_name != "pull_request_target"'],
      kinds: [{ when: 'has(claims.repository_id)', kind: ci }]`);

  it("is a CI job of the repository that the condition names", async () => {
    expect(await identify(github(), claims)).toMatchObject({ kind: "ci", name: claims.sub, groups: [] });
  });

  it.each([
    ["another repository, even of the same name", { ...claims, repository_id: "75" }],
    ["a pull request from a fork that runs with secrets", { ...claims, event_name: "pull_request_target" }],
    ["another environment", { ...claims, environment: "staging" }],
    ["no environment at all", { ...claims, environment: undefined }],
    ["a repository id that is a number", { ...claims, repository_id: 74 }],
  ])("is refused for %s", async (_what, changed) => {
    expect(await refusal(github(), changed)).toBe("idp: a condition of the issuer does not hold");
  });
});

describe("GitLab CI (docs.gitlab.com, ID token payload)", () => {
  const claims = {
    sub: "project_path:my-group/my-project:ref_type:branch:ref:main",
    project_id: "22",
    ref: "main",
    ref_type: "branch",
    ref_protected: "true",
    user_login: "sample-user",
  };
  const gitlab = () =>
    directory(`conditions: ['claims.project_id == "22" && claims.ref_protected == "true"'], kinds: [{ when: 'true', kind: ci }]`);

  it("compares ref_protected as the string that it is", async () => {
    expect(await identify(gitlab(), claims)).toMatchObject({ kind: "ci" });
    expect(await refusal(gitlab(), { ...claims, ref_protected: "false" })).toContain("condition");
    expect(await refusal(gitlab(), { ...claims, ref_protected: true })).toContain("condition");
  });
});

describe("Kubernetes (service account tokens, projected)", () => {
  it("is a service by the name of its account", async () => {
    const made = directory(`conditions: ['claims["kubernetes.io"].namespace == "prod"']`);
    const claims = {
      sub: "system:serviceaccount:prod:reporter",
      "kubernetes.io": { namespace: "prod", serviceaccount: { name: "reporter", uid: "u-1" }, pod: { name: "reporter-abc" } },
    };
    expect(await identify(made, claims)).toMatchObject({ kind: "service", name: "system:serviceaccount:prod:reporter" });
    expect(await refusal(made, { ...claims, "kubernetes.io": { namespace: "dev" } })).toContain("condition");
    expect(await refusal(made, { sub: claims.sub })).toContain("condition");
  });
});

describe("Microsoft Entra ID (access token claims reference)", () => {
  const claims = { sub: "pairwise-1", oid: "oid-1", tid: "tenant-1", ver: "2.0", name: "Alice", preferred_username: "alice@corp.example" };
  const entra = () =>
    directory(
      `claims: { subject: oid, groups: roles, email: preferred_username }, groups: [analysts], conditions: ['claims.tid == "tenant-1"']`,
    );

  it("is known by oid in its own tenant, with app roles as groups", async () => {
    expect(await identify(entra(), { ...claims, roles: ["analysts", "other"] })).toMatchObject({
      kind: "human",
      subject: "oid-1",
      email: "alice@corp.example",
      groups: ["analysts", "idp/other"],
    });
    expect(await refusal(entra(), { ...claims, tid: "tenant-2" })).toContain("condition");
  });

  it("whose groups were left out is refused, and never has no groups", async () => {
    const byGroups = directory("claims: { subject: oid, groups: groups }");
    const overage = { ...claims, _claim_names: { groups: "src1" }, _claim_sources: { src1: { endpoint: "https://graph.example" } } };
    expect(await refusal(byGroups, overage)).toBe("idp: the token leaves its groups out (group overage)");
    expect(await refusal(byGroups, { ...claims, hasgroups: true })).toContain("overage");
  });

  it("of an application that acts for itself is a service", async () => {
    const made = directory(
      `claims: { subject: oid, groups: roles }, kinds: [{ when: 'has(claims.idtyp) && claims.idtyp == "app"', kind: service }]`,
    );
    expect(await identify(made, { ...claims, idtyp: "app", azp: "app-1" })).toMatchObject({ kind: "service" });
    expect(await identify(made, claims)).toMatchObject({ kind: "human" });
  });
});

describe("Google (OpenID Connect, ID token)", () => {
  it("is somebody of the organisation, with a verified address only", async () => {
    const made = directory(`conditions: ['claims.hd == "corp.example" && claims.email_verified == true']`);
    const claims = { sub: "1098", hd: "corp.example", email: "alice@corp.example", email_verified: true };
    expect(await identify(made, claims)).toMatchObject({ kind: "human", email: "alice@corp.example" });
    expect(await refusal(made, { ...claims, hd: undefined })).toContain("condition");
    expect(await refusal(made, { ...claims, email_verified: false })).toContain("condition");
  });
});

describe("Okta (custom authorization server, access token)", () => {
  it("has the groups of its groups claim, and a client of its own is a service", async () => {
    const made = directory("groups: [analysts]");
    expect(await identify(made, { sub: "alice@corp.example", uid: "00u1", cid: "0oa1", groups: ["analysts", "Everyone"] })).toMatchObject({
      kind: "human",
      groups: ["analysts", "idp/Everyone"],
    });
    const clients = directory(`kinds: [{ when: 'claims.sub == claims.cid', kind: service }]`);
    expect(await identify(clients, { sub: "0oa1", cid: "0oa1" })).toMatchObject({ kind: "service" });
  });
});

describe("a condition that cannot be used", () => {
  it.each([
    [`conditions: ['claims.sub == ']`, "weir.yaml:4:"],
    [`conditions: ['claims.sub + 1 == 2', 'user.x == 1']`, "Unknown variable"],
    [`conditions: ['claims.sub.matches("(a)\\\\1")']`, "weir.yaml:4:"],
    [`kinds: [{ when: '"text"', kind: ci }]`, "true or false"],
  ])("stops the gateway before it listens: %s", (issuer, told) => {
    expect(() => directory(issuer)).toThrow(told);
  });
});
