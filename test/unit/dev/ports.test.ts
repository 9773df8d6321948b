import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { choosePorts, ensureFree, PortUnusable } from "../../../src/dev/ports.ts";
import { realUpstream } from "../../../src/dev/upstream.ts";

describe("the ports of npm start", () => {
  it.each([
    [{}, {}, { port: 8080, adminPort: 8081 }],
    [{}, { PORT: "9000" }, { port: 9000, adminPort: 9001 }],
    [{ port: "7000" }, { PORT: "9000", ADMIN_PORT: "9100" }, { port: 7000, adminPort: 9100 }],
    [{ port: "7000", adminPort: "6000" }, { ADMIN_PORT: "9100" }, { port: 7000, adminPort: 6000 }],
    [{ port: "0" }, {}, { port: 0, adminPort: 0 }],
    [{ port: "65535" }, {}, { port: 65_535, adminPort: 65_534 }],
  ])("%j with the environment %j are %j", (options, env, ports) => expect(choosePorts(options, env)).toEqual(ports));

  it.each(["", "http", "65536", "-1", "8080 ", "1e3"])("cannot be '%s'", (port) =>
    expect(() => choosePorts({ port }, {})).toThrow(PortUnusable),
  );

  it("that are taken are told before anything is started, with what to do", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await expect(ensureFree({ port, adminPort: 0 })).rejects.toThrow(
      new PortUnusable(
        `Port ${port} on 127.0.0.1 is taken: another program, perhaps another Weir, listens there.\nStop it, or choose another port: PORT=${port + 10} npm start`,
      ),
    );
    server.close();
  });

  it("that are free may be had right afterwards", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await ensureFree({ port, adminPort: 0 });
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    server.close();
  });
});

describe("the model of npm start", () => {
  it.each([
    [{}, undefined],
    [{ OPENAI_API_KEY: "" }, undefined],
    [{ OPENAI_API_KEY: "k" }, { name: "openai", url: "https://api.openai.com/v1", credential: true, model: "gpt-4o-mini" }],
    [
      { OPENAI_BASE_URL: "http://127.0.0.1:11434/v1/", OPENAI_MODEL: "llama" },
      { name: "openai", url: "http://127.0.0.1:11434/v1", credential: false, model: "llama" },
    ],
  ])("with the environment %j is %j", (env, upstream) => expect(realUpstream(env)).toEqual(upstream));
});
