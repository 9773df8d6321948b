import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { printResolved } from "../../../src/config/index.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { parsed, problemsOf } from "../../support/configuration.ts";

const ours = makeCertificate({ name: "weir" });
const others = makeCertificate({ name: "other" });

describe("TLS on the listener", () => {
  let folder = "";
  const listen = (tls: string): string => `listen: { tls: ${tls} }\n`;
  const at = (name: string): string => join(folder, name);

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "weir-tls-"));
    for (const [name, text] of Object.entries({
      "cert.pem": ours.cert,
      "key.pem": ours.key,
      "other.pem": others.key,
      "text.pem": "no PEM",
    })) {
      writeFileSync(at(name), text);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("reads certificate and key by their paths or by references, and Node can serve with them", () => {
    const { tls } = parsed(listen(`{ cert: ${at("cert.pem")}, key: "\${file:${at("key.pem")}}", clientCa: ${at("cert.pem")} }`)).config
      .listen;
    const read = { cert: tls?.cert.reveal() ?? "", key: tls?.key.reveal() ?? "", ca: tls?.clientCa?.reveal() ?? "" };
    expect(read.cert).toBe(ours.cert.trimEnd());
    expect(() => createServer(read)).not.toThrow();
  });

  it("prints where the key stands, and never the key", () => {
    const { config } = parsed(listen(`{ cert: ${at("cert.pem")}, key: ${at("key.pem")} }`));
    expect(printResolved(config)).toContain(`key: \${file:${at("key.pem")}}`);
    expect(printResolved(config)).not.toContain("PRIVATE");
  });

  it.each([
    [{ key: "other.pem" }, "is not the key of listen.tls.cert"],
    [{ key: "cert.pem" }, "listen.tls.key must lead to a private key in PEM, without a passphrase"],
    [{ cert: "text.pem" }, "listen.tls.cert must lead to a certificate in PEM"],
    [{ clientCa: "key.pem" }, "listen.tls.clientCa must lead to certificates in PEM"],
    [{ key: "absent.pem" }, "cannot be read (ENOENT)"],
  ])("refuses %j, at its place", (changes, message) => {
    const fields = Object.entries({ cert: "cert.pem", key: "key.pem", ...changes }).map(([field, name]) => `${field}: ${at(name)}`);
    expect(problemsOf(listen(`{ ${fields.join(", ")} }`))).toEqual([expect.stringMatching(/^1:\d+: /)]);
    expect(problemsOf(listen(`{ ${fields.join(", ")} }`))[0]).toContain(message);
  });

  it("refuses a key that stands in the file itself, and does not repeat it", () => {
    const [problem = ""] = problemsOf(listen(`{ cert: ${at("cert.pem")}, key: ${JSON.stringify(ours.key)} }`));
    expect(problem).toContain("a secret does not stand in this file");
    expect(problem).not.toContain(ours.key.slice(30, 60));
  });
});
