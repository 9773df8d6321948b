import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ConfigWatch, loadConfig, type Reload, watchConfig } from "../../../src/config/index.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { environment } from "../../support/configuration.ts";

const text = (policy: string, more = "") =>
  `encryptionKey: \${env:WEIR_ENCRYPTION_KEY}\n${more}policies: [{ name: ${policy}, effect: allow }]\n`;

/** Reloads as they are reported, to be awaited one by one. */
class Reports {
  readonly #arrived: Reload[] = [];
  readonly #waiting: ((reload: Reload) => void)[] = [];

  readonly report = (reload: Reload): void => {
    const next = this.#waiting.shift();
    if (next === undefined) this.#arrived.push(reload);
    else next(reload);
  };

  next(): Promise<Reload> {
    const arrived = this.#arrived.shift();
    return arrived === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(arrived);
  }

  get waiting(): number {
    return this.#arrived.length;
  }
}

const certificate = (): { readonly cert: string; readonly key: string } => makeCertificate({ name: "weir" });

describe("a watched configuration", () => {
  let folder = "";
  let file = "";
  let watch: ConfigWatch | undefined;
  let reports = new Reports();
  let inForce: readonly string[] = [];

  const start = (path = file, apply?: () => void): void => {
    const loaded = loadConfig(path, { env: environment });
    inForce = loaded.config.policies.map(({ name }) => name);
    watch = watchConfig({
      env: environment,
      loaded,
      lookEveryMs: 20,
      report: reports.report,
      apply: (next) => {
        apply?.();
        inForce = next.config.policies.map(({ name }) => name);
      },
    });
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "weir-watch-"));
    file = join(folder, "weir.yaml");
    writeFileSync(file, text("first"));
    reports = new Reports();
  });
  afterEach(() => {
    watch?.close();
    rmSync(folder, { recursive: true });
  });

  it("is reloaded when it is written to", async () => {
    start();
    writeFileSync(file, text("second"));
    expect(await reports.next()).toMatchObject({ kind: "reloaded", needRestart: [] });
    expect(inForce).toEqual(["second"]);
  });

  it("renews certificates that changed where the file did not, once it is told to look", async () => {
    const put = ({ cert, key }: ReturnType<typeof certificate>): void => {
      writeFileSync(join(folder, "cert.pem"), cert);
      writeFileSync(join(folder, "key.pem"), key);
    };
    put(certificate());
    writeFileSync(file, text("first", "listen: { tls: { cert: cert.pem, key: key.pem } }\n"));
    start();
    const renewed = certificate();
    put(renewed);
    await watch?.reload();
    const reload = await reports.next();
    expect(reload).toMatchObject({ kind: "reloaded", needRestart: [] });
    if (reload.kind === "reloaded") expect(reload.loaded.config.listen.tls?.cert.reveal()).toBe(renewed.cert.trimEnd());
  });

  it("says that TLS itself comes and goes with a restart only", async () => {
    start();
    const { cert, key } = certificate();
    writeFileSync(join(folder, "cert.pem"), cert);
    writeFileSync(join(folder, "key.pem"), key);
    writeFileSync(file, text("second", "listen: { tls: { cert: cert.pem, key: key.pem } }\n"));
    const reload = await reports.next();
    expect(reload).toMatchObject({ kind: "reloaded", needRestart: ["listen"] });
    if (reload.kind === "reloaded") expect(reload.loaded.config.listen.tls).toBeUndefined();
  });

  it("is reloaded when another file is renamed over it", async () => {
    start();
    writeFileSync(join(folder, "new.yaml"), text("second"));
    renameSync(join(folder, "new.yaml"), file);
    expect((await reports.next()).kind).toBe("reloaded");
    expect(inForce).toEqual(["second"]);
  });

  it("is reloaded when the folder that its link leads through is swapped, as Kubernetes does", async () => {
    for (const version of ["one", "two"]) {
      mkdirSync(join(folder, version));
      writeFileSync(join(folder, version, "weir.yaml"), text(version));
    }
    symlinkSync("one", join(folder, "..data"));
    symlinkSync("..data/weir.yaml", join(folder, "linked.yaml"));
    start(join(folder, "linked.yaml"));
    symlinkSync("two", join(folder, "..new"));
    renameSync(join(folder, "..new"), join(folder, "..data"));
    expect((await reports.next()).kind).toBe("reloaded");
    expect(inForce).toEqual(["two"]);
  });

  it("is reloaded on SIGHUP, changed or not, since secrets may have changed", async () => {
    start();
    process.kill(process.pid, "SIGHUP");
    expect((await reports.next()).kind).toBe("reloaded");
  });

  it("stays in force when the new file is bad, and a later good one is taken", async () => {
    start();
    writeFileSync(file, text("[bad"));
    const refused = await reports.next();
    expect(refused).toMatchObject({ kind: "refused", error: { name: "ConfigError" } });
    expect(inForce).toEqual(["first"]);
    writeFileSync(file, text("third"));
    expect((await reports.next()).kind).toBe("reloaded");
    expect(inForce).toEqual(["third"]);
  });

  it("stays in force when the new one cannot be applied", async () => {
    start(file, () => {
      throw new Error("no such detector");
    });
    writeFileSync(file, text("second"));
    expect(await reports.next()).toMatchObject({ kind: "refused", error: { message: "no such detector" } });
    expect(inForce).toEqual(["first"]);
  });

  it("keeps what needs a restart, and says so", async () => {
    start();
    writeFileSync(file, text("second", "listen: { port: 9999 }\ndataDir: elsewhere\n"));
    const reload = await reports.next();
    expect(reload).toMatchObject({ kind: "reloaded", needRestart: ["listen", "dataDir"], loaded: { config: { listen: { port: 8080 } } } });
    expect(inForce).toEqual(["second"]);
  });

  it("is reported once when it is bad, however often it is looked at, and when it is gone for a moment not at all", async () => {
    start();
    rmSync(file);
    await setTimeout(100);
    writeFileSync(file, text("[bad"));
    await reports.next();
    await setTimeout(100);
    expect(reports.waiting).toBe(0);
  });

  it("is reloaded no more once it is closed", async () => {
    start();
    watch?.close();
    await watch?.reload();
    expect(reports.waiting).toBe(0);
  });
});
