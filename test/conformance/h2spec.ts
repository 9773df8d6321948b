/**
 * Runs h2spec (github.com/summerwind/h2spec) against a bare server of Node's and against Weir's port, in clear text and over TLS, and fails where Weir
 * fails a case that the bare server passes.
 *
 *     npx tsx test/conformance/h2spec.ts PATH-TO-H2SPEC
 */

import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createSecureServer, createServer, type Http2SecureServer, type Http2Server } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Listener } from "../../src/listener/index.ts";
import { type Certificate, makeCertificate } from "../support/certificate.ts";

interface Target {
  readonly port: number;
  close(): Promise<void>;
}

/** Reads what it is sent, and greets. */
const greeting = "hello";

const startBare = (certificate: Certificate | undefined): Promise<Target> =>
  new Promise((resolve) => {
    const server: Http2Server | Http2SecureServer = certificate === undefined ? createServer() : createSecureServer(certificate);
    server.on("request", (request, response) => {
      request.resume().on("end", () => response.end(greeting));
    });
    server.on("sessionError", () => {});
    server.listen(0, "127.0.0.1", () => {
      const bound = server.address();
      const close = async (): Promise<void> => void server.close();
      resolve({ port: typeof bound === "object" && bound !== null ? bound.port : 0, close });
    });
  });

const startWeir = async (certificate: Certificate | undefined): Promise<Target> => {
  const listener = new Listener({
    ready: () => true,
    tls: certificate,
    surfaces: [
      {
        name: "rest",
        handle: (_head, request, response) => void request.resume().on("end", () => response.end(greeting)),
        refusal: () => ({ contentType: "text/plain", body: "" }),
      },
    ],
  });
  return { port: await listener.listen(0, "127.0.0.1"), close: () => listener.drain(0) };
};

/** h2spec exits with 1 where a case fails, which the report tells better. */
const run = (command: string, args: readonly string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: "ignore" });
    child.once("error", reject);
    child.once("exit", () => resolve());
  });

interface Outcome {
  readonly cases: number;
  readonly failed: ReadonlySet<string>;
}

const testCase = /<testcase package="([^"]*)" classname="([^"]*)"[^>]*?(\/>|>([\s\S]*?)<\/testcase>)/g;

/** h2spec's report: JUnit's elements, with a `failure` or `error` in those that failed. */
const readReport = (xml: string): Outcome => {
  const found = [...xml.matchAll(testCase)];
  const failed = found.filter(([, , , , content = ""]) => /<(?:failure|error)\b/.test(content));
  return { cases: found.length, failed: new Set(failed.map(([, section = "", name = ""]) => `${section} ${name}`)) };
};

const outcomeOf = async (h2spec: string, { port, close }: Target, secure: boolean): Promise<Outcome> => {
  const folder = await mkdtemp(join(tmpdir(), "weir-h2spec-"));
  const report = join(folder, "report.xml");
  try {
    await run(h2spec, ["--strict", "--port", String(port), "--junit-report", report, ...(secure ? ["--tls", "--insecure"] : [])]);
    return readReport(await readFile(report, "utf8"));
  } finally {
    await close();
    await rm(folder, { recursive: true, force: true });
  }
};

const [h2spec] = process.argv.slice(2);
if (h2spec === undefined) throw new Error("usage: h2spec.ts PATH-TO-H2SPEC");

const print = (line: string): boolean => process.stdout.write(`${line}\n`);
let worse = 0;
const summaries: string[] = [];
for (const certificate of [undefined, makeCertificate({ name: "localhost" })]) {
  const wire = certificate === undefined ? "clear text" : "TLS";
  const bare = await outcomeOf(h2spec, await startBare(certificate), certificate !== undefined);
  const weir = await outcomeOf(h2spec, await startWeir(certificate), certificate !== undefined);
  if (bare.cases === 0 || weir.cases !== bare.cases) throw new Error(`h2spec ran ${bare.cases} and ${weir.cases} cases over ${wire}`);
  const own = [...weir.failed].filter((name) => !bare.failed.has(name));
  worse += own.length;
  for (const name of own) print(`Weir alone fails over ${wire}: ${name}`);
  summaries.push(`${wire} ${weir.cases} cases, ${weir.failed.size} failed, bare node:http2 ${bare.failed.size}`);
}
print(summaries.join("; "));
process.exitCode = worse === 0 ? 0 : 1;
