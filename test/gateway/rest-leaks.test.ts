/** The leak matrix of REST: every form of body, every secret, cut at every position, under every content coding, through a whole gateway. */

import { createHash, randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { cloneDatabase, type TestDatabase } from "../support/database.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";
import { ScriptedUpstream, type UpstreamCall } from "../support/upstream.ts";

/** Made up, in the forms of a card number, an e-mail address, an AWS key, a JSON Web Token and a GitHub token. */
const secrets = [
  "4111 1111 1111 1111",
  "carol.danvers@qzvkwj.example",
  "AKIAQ3EGRIJ5KZT7XW2M",
  "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ3ZWlyLXRlc3QifQ.dBjftJeZ4CVPmB92K27uhbUJU1p1r_wW1gFWFOEjXkA",
  "ghp_012345678901234567890123456789AbCdEf",
] as const;
/** Long enough to mean something, short enough to catch a leaked head or tail. */
const needlesOf = (secret: string): string[] => [secret.slice(0, 12), secret.slice(-12)];
const harmless = "the quick brown fox, over 12 lazy dogs — ünï";

interface Form {
  readonly name: string;
  readonly contentType: string;
  readonly body: (text: string) => string;
}

const forms: readonly Form[] = [
  {
    name: "JSON",
    contentType: "application/json",
    body: (text) => JSON.stringify({ predictions: [{ label: `see ${text} now`, score: 0.5 }] }),
  },
  { name: "a JSON key", contentType: "application/json", body: (text) => JSON.stringify({ [`see ${text} now`]: [1, null, true] }) },
  { name: "problem JSON", contentType: "application/problem+json", body: (text) => JSON.stringify({ detail: text }, null, 2) },
  {
    name: "NDJSON",
    contentType: "application/x-ndjson",
    body: (text) => `{"n":1}\n{"text":${JSON.stringify(`see ${text} now`)}}\n{"n":2}\n`,
  },
  {
    name: "events of JSON",
    contentType: "text/event-stream",
    body: (text) => `event: row\ndata: {"n":1}\n\ndata: ${JSON.stringify({ text })}\n\ndata: [DONE]\n\n`,
  },
  {
    name: "events of text",
    contentType: "text/event-stream",
    body: (text) => `id: 1\ndata: see ${text} now\ndata: and on\n\n: ${text}\n\n`,
  },
  { name: "text", contentType: "text/plain; charset=utf-8", body: (text) => `see ${text} now\n` },
  { name: "HTML", contentType: "text/html", body: (text) => `<p title="${text}">see ${text} now</p>` },
  { name: "CSV", contentType: "text/csv", body: (text) => `name,note\r\n"a","${text}"\r\n` },
  { name: "an unnamed type", contentType: "", body: (text) => `see ${text} now` },
];

const codings = { identity: (bytes: Buffer) => bytes, gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync } as const;
type Coding = keyof typeof codings;

const key = `weir_${randomBytes(32).toString("hex")}`;
let upstream: ScriptedUpstream;
let database: TestDatabase;
let gateway: TestGateway;

beforeAll(async () => {
  upstream = await ScriptedUpstream.start();
  database = await cloneDatabase(inject("postgres"));
  gateway = await startTestGateway({
    database: database.address,
    configuration: `
egress: { allow: [127.0.0.0/8] }
identities: [{ name: tester, kind: service, groups: [testers], apiKey: "\${env:TEST_KEY}" }]
connections:
  - { name: app, protocol: rest, upstream: "http://127.0.0.1:${upstream.port}" }
  - { name: media, protocol: rest, upstream: "http://127.0.0.1:${upstream.port}" }
policies:
  - name: testers
    match: { groups: [testers], connections: [app] }
    effect: allow
    mask: { request: [all], response: [all], keys: [ssn] }
  - name: watchers
    match: { groups: [testers], connections: [media] }
    effect: allow
    mask: { response: [all], onUnmaskable: pass }
`,
    env: { TEST_KEY: key },
  });
});
afterAll(async () => {
  await gateway.close();
  await database.drop();
  await upstream.close();
});

const ask = (path = "/app/predict", init: RequestInit = {}): Promise<Response> =>
  fetch(gateway.url + path, { redirect: "manual", ...init, headers: { authorization: `Bearer ${key}`, ...init.headers } });

/** The upstream answers with these pieces, each in a write of its own. */
const answerWith = (contentType: string, pieces: readonly Buffer[], headers: Record<string, string> = {}): void => {
  upstream.script = async (_call, response) => {
    response.writeHead(200, { ...(contentType === "" ? {} : { "content-type": contentType }), ...headers });
    for (const piece of pieces) {
      response.write(piece);
      await new Promise(setImmediate);
    }
    response.end();
  };
};

const cutAt = (bytes: Buffer, ...offsets: readonly number[]): Buffer[] =>
  [...offsets, bytes.length].map((end, index) => bytes.subarray(offsets[index - 1] ?? 0, end));

const leaks = (text: string, secret: string): string[] => needlesOf(secret).filter((needle) => text.includes(needle));

const sha256 = (bytes: Buffer | string): string => createHash("sha256").update(bytes).digest("hex");

describe.each(forms)("an answer that is $name", ({ contentType, body }) => {
  it("shows no secret, written at once or with its length known", async () => {
    for (const secret of secrets) {
      const bytes = Buffer.from(body(secret));
      answerWith(contentType, [bytes]);
      expect(leaks(await (await ask()).text(), secret)).toEqual([]);
      answerWith(contentType, [bytes], { "content-length": String(bytes.length) });
      expect(leaks(await (await ask()).text(), secret)).toEqual([]);
    }
  });

  it("shows no secret, cut at any position of it", async () => {
    for (const secret of secrets) {
      const bytes = Buffer.from(body(secret));
      const from = bytes.indexOf(secret.slice(0, 8));
      const outputs = new Set<string>();
      for (let at = from; at <= from + secret.length; at++) {
        answerWith(contentType, cutAt(bytes, at));
        outputs.add(await (await ask()).text());
      }
      expect([...outputs].flatMap((text) => leaks(text, secret))).toEqual([]);
      expect(outputs.size).toBe(1);
    }
  });

  it.each(Object.keys(codings) as Coding[])("shows no secret, and is the same bytes where there is none, coded as %s", async (coding) => {
    const headers = { "content-encoding": coding };
    for (const secret of secrets) {
      const bytes = codings[coding](Buffer.from(body(secret)));
      answerWith(contentType, cutAt(bytes, Math.floor(bytes.length / 3), Math.floor(bytes.length / 2)), headers);
      expect(leaks(await (await ask()).text(), secret)).toEqual([]);
    }
    const plain = Buffer.from(body(harmless));
    const bytes = codings[coding](plain);
    for (let at = 0; at < bytes.length; at += 7) {
      answerWith(contentType, cutAt(bytes, at), headers);
      expect(sha256(Buffer.from(await (await ask()).arrayBuffer()))).toBe(sha256(plain));
    }
  });
});

describe("a streamed answer whose pieces spell one text", () => {
  const streams = [
    {
      name: "generate_stream",
      path: "/app/v2/models/m/generate_stream",
      contentType: "text/event-stream",
      event: (text: string) => `data: ${JSON.stringify({ model_name: "m", text_output: text })}\n\n`,
      end: "",
    },
    {
      name: "infer_stream",
      path: "/app/v2/models/m/infer_stream",
      contentType: "text/event-stream",
      event: (text: string) => `data: ${JSON.stringify({ outputs: [{ name: "o", datatype: "BYTES", data: [text] }] })}\n\n`,
      end: "",
    },
    {
      name: "tokens",
      path: "/app/chat",
      contentType: "text/event-stream",
      event: (text: string) => `data: ${JSON.stringify({ token: text })}\n\n`,
      end: "data: [DONE]\n\n",
    },
    {
      name: "deltas of the second choice",
      path: "/app/chat",
      contentType: "text/event-stream",
      event: (text: string) =>
        `data: ${JSON.stringify({ choices: [{ index: 1, delta: { content: text } }] })}\n\ndata: ${JSON.stringify({ choices: [{ index: 0, delta: {} }] })}\n\n`,
      end: "data: [DONE]\n\n",
    },
    {
      name: "deltas",
      path: "/app/chat",
      contentType: "text/event-stream",
      event: (text: string) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: text } }] })}\n\n`,
      end: "data: [DONE]\n\n",
    },
    {
      name: "lines of tokens",
      path: "/app/api/generate",
      contentType: "application/x-ndjson",
      event: (text: string) => `${JSON.stringify({ response: text, done: false })}\n`,
      end: '{"response":"","done":true}\n',
    },
  ];

  it.each(streams)("shows no secret cut over two of its $name at any position", async ({ path, contentType, event, end }) => {
    for (const secret of secrets) {
      for (let at = 0; at <= secret.length; at++) {
        const pieces = ["see ", secret.slice(0, at), secret.slice(at), " now"].map((text) => Buffer.from(event(text)));
        answerWith(contentType, [...pieces, Buffer.from(end)]);
        const text = await (await ask(path, { method: "POST", body: "{}", headers: { "content-type": "application/json" } })).text();
        const said = [...text.matchAll(/"(?:text_output|token|content|response)":"([^"]*)"|"data":\["([^"]*)"\]/g)]
          .map((found) => found[1] ?? found[2])
          .join("");
        expect(leaks(said + text, secret)).toEqual([]);
        expect(said.startsWith("see ") && said.endsWith(" now")).toBe(true);
        expect(text.trimEnd().endsWith(end.slice(end.lastIndexOf(",") + 1).trimEnd())).toBe(true);
      }
    }
  });
});

describe("a rule by key", () => {
  it.each([
    ["application/json", '{"a":[{"ssn":123456,"x":1}]}', '{"a":[{"ssn":"[SSN]","x":1}]}'],
    ["application/json", '{"ssn":{"number":123456}, "x":[1, 2]}', '{"ssn":"[SSN]", "x":[1, 2]}'],
    ["text/plain", '{"ssn":true}', '{"ssn":"[SSN]"}'],
    ["application/x-ndjson", '{"x":1}\n{"ssn":123456}\n', '{"x":1}\n{"ssn":"[SSN]"}\n'],
    ["text/event-stream", 'data: {"ssn":"123456"}\n\n', 'data: {"ssn":"[SSN]"}\n\n'],
    ["text/event-stream", 'data: {"token":"! ","ssn":123456}\n\n', 'data: {"token":"! ","ssn":"[SSN]"}\n\n'],
  ])("covers values of any type in an answer that is %s: %s", async (contentType, sent, received) => {
    for (const at of [0, 3, 9, 11, sent.length - 3]) {
      answerWith(contentType, cutAt(Buffer.from(sent), at));
      expect((await (await ask()).text()).replace(/\[[A-Z_]+\]/, "[SSN]")).toBe(received);
    }
  });
});

describe("what stands beside an answer's body", () => {
  it("shows no secret in the values of headers, redirects among them", async () => {
    for (const secret of secrets) {
      const value = encodeURIComponent(secret) === secret ? secret : secret.replaceAll(" ", "-");
      upstream.script = (_call, response) => {
        response
          .writeHead(302, {
            location: `/next?note=${value}`,
            "content-disposition": `attachment; filename="${value}"`,
            etag: `"${value}"`,
            "set-cookie": value,
            "x-note": value,
          })
          .end();
      };
      const { headers, status } = await ask();
      expect(status).toBe(302);
      expect(leaks(JSON.stringify([...headers]), value)).toEqual([]);
      expect(headers.get("location")?.startsWith("/app/next?")).toBe(true);
      expect(headers.has("set-cookie")).toBe(false);
    }
  });

  it("shows no secret in an error of the upstream", async () => {
    for (const secret of secrets) {
      upstream.script = (_call, response) => {
        response.writeHead(500, { "content-type": "text/plain" }).end(`Traceback: ${secret}`);
      };
      const answer = await ask();
      expect([answer.status, leaks(await answer.text(), secret)]).toEqual([500, []]);
    }
  });

  it("refuses what cannot be read, unless policy lets it pass as it is", async () => {
    const bytes = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff]), Buffer.from(secrets[2])]);
    answerWith("image/png", cutAt(bytes, 7));
    const refused = await ask();
    expect([refused.status, await refused.json()]).toMatchObject([403, { code: "content_unreadable" }]);
    const passed = await ask("/media/chart.png");
    expect(sha256(Buffer.from(await passed.arrayBuffer()))).toBe(sha256(bytes));
  });
});

describe("a request", () => {
  const sent = async (path: string, init: RequestInit): Promise<UpstreamCall | undefined> => {
    answerWith("application/json", [Buffer.from("{}")]);
    const before = upstream.calls.length;
    const answer = await ask(path, { method: "POST", ...init });
    expect(answer.status).toBe(200);
    return upstream.calls[before];
  };

  interface Sent {
    readonly name: string;
    readonly contentType: string;
    readonly body: (text: string) => string;
    readonly coding?: Coding;
  }

  const partsOf = (text: string): string =>
    [
      `--b0undary\r\nContent-Disposition: form-data; name="note"\r\n\r\n${text}`,
      `--b0undary\r\nContent-Disposition: form-data; name="file"; filename="${text}.csv"\r\nContent-Type: text/csv\r\n\r\na,${text}`,
      "--b0undary--\r\n",
    ].join("\r\n");

  const bodies: readonly Sent[] = [
    { name: "JSON", contentType: "application/json", body: (text) => JSON.stringify({ input: [text, 1.5e3] }, null, 1) },
    { name: "NDJSON", contentType: "application/x-ndjson", body: (text) => `{"a":1}\n${JSON.stringify({ text })}\n` },
    { name: "a form", contentType: "application/x-www-form-urlencoded", body: (text) => `a=1&note=${encodeURIComponent(text)}&b=%c3%bc` },
    { name: "a form of parts", contentType: 'multipart/form-data; boundary="b0undary"', body: partsOf },
    { name: "text", contentType: "text/plain", body: (text) => text },
    { name: "JSON coded as gzip", contentType: "application/json", body: (text) => JSON.stringify({ text }), coding: "gzip" },
  ];

  const unescaped = (text: string): string => decodeURIComponent(text.replace(/%(?![0-9A-Fa-f]{2})/g, "%25").replaceAll("+", " "));

  it.each(bodies)("that is $name takes no secret to the upstream, and goes on byte for byte where it has none", async (form) => {
    const { contentType, body, coding = "identity" } = form;
    const send = (text: string) =>
      sent("/app/predict", {
        body: new Uint8Array(codings[coding](Buffer.from(body(text)))),
        headers: { "content-type": contentType, "content-encoding": coding },
      });
    for (const secret of secrets) {
      const text = String((await send(secret))?.body);
      expect(leaks(text + unescaped(text), secret)).toEqual([]);
    }
    const passed = await send(harmless);
    expect(String(passed?.body)).toBe(body(harmless));
    expect(passed?.headers["content-type"]).toBe(contentType);
  });

  it("takes no secret to the upstream in its query, which goes on as it came where it has none, but for credentials", async () => {
    for (const secret of secrets) {
      const call = await sent(`/app/predict?${new URLSearchParams({ a: "1", note: secret })}`, { method: "GET" });
      expect(leaks(unescaped(call?.url ?? ""), secret)).toEqual([]);
    }
    const call = await sent("/app/predict?a=%c3%bc&api_key=123&b=x+y%20z&c", { method: "GET" });
    expect(call?.url).toBe("/predict?a=%c3%bc&b=x+y%20z&c");
  });

  it("with a secret in its path is refused, because a path cannot be sent masked", async () => {
    const before = upstream.calls.length;
    for (const secret of secrets) {
      const got = await ask(`/app/customers/${encodeURIComponent(secret)}/score`);
      expect([got.status, await got.json()]).toMatchObject([403, { code: "content_unreadable" }]);
    }
    expect(upstream.calls.length).toBe(before);
  });

  it("has values masked that a rule by key names, in JSON, forms and queries alike", async () => {
    const json = await sent("/app/predict", { body: '{"person":{"ssn":123456}, "x":1}', headers: { "content-type": "application/json" } });
    expect(String(json?.body)).toMatch(/^\{"person":\{"ssn":"\[[A-Z_]+\]"\}, "x":1\}$/);
    const form = await sent("/app/predict?ssn=77&x=2", { body: new URLSearchParams({ ssn: "123456", x: "1" }) });
    expect(String(form?.body)).not.toContain("123456");
    expect(form?.url).not.toContain("77");
    expect(form?.url).toContain("x=2");
  });
});

describe("after all of it", () => {
  const filesBelow = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));

  const tables = async (): Promise<readonly string[]> => {
    const { rows } = await database.query("SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'weir'");
    const names = rows.map((row) => String(Reflect.get(Object(row), "name")));
    const contents = await Promise.all(names.map((name) => database.query(`SELECT t::text AS row FROM weir.${name} t`)));
    return contents.map(({ rows: all }) => JSON.stringify(all));
  };

  it("no table and no file has any part of a secret", async () => {
    await gateway.stop();
    const kept = [...(await tables()), ...filesBelow(gateway.dataDir).map((file) => readFileSync(file).toString("latin1"))];
    expect(kept.join("").length).toBeGreaterThan(10_000);
    expect(kept.join("")).toContain("GET /customers/*/score");
    const found = secrets.flatMap((secret) => kept.flatMap((text) => [...leaks(text, secret), ...leaks(text, encodeURIComponent(secret))]));
    expect([...new Set(found)]).toEqual([]);
  });
});
