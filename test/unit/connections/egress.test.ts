import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { describe, expect, it } from "vitest";
import { compileEgress, EgressForbidden, NetworkInvalid, networkOf } from "../../../src/connections/index.ts";

const addressesNever = [
  "169.254.169.254",
  "169.254.0.1",
  "::ffff:169.254.169.254",
  "::ffff:a9fe:a9fe",
  "0:0:0:0:0:ffff:a9fe:a9fe",
  "64:ff9b::169.254.169.254",
  "64:ff9b::a9fe:a9fe",
  "2002:a9fe:a9fe::1",
  "fd00:ec2::254",
  "fd20:ce::254",
  "fd20:00ce:0000::0254",
  "100.100.100.200",
  "168.63.129.16",
  "192.0.0.192",
  "fe80::1",
  "fe80::1%eth0",
  "0.0.0.0",
  "0.1.2.3",
  "::",
  "::ffff:0.0.0.0",
  "224.0.0.1",
  "ff02::1",
  "255.255.255.255",
];

const privateAddresses = [
  "127.0.0.1",
  "127.255.255.255",
  "::1",
  "::ffff:127.0.0.1",
  "::ffff:7f00:1",
  "10.1.2.3",
  "::ffff:10.1.2.3",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.0.1",
  "100.64.0.1",
  "198.18.0.1",
  "240.0.0.1",
  "fc00::1",
  "fd12:3456::1",
  "::127.0.0.1",
  "64:ff9b::10.0.0.1",
  "2002:0a00:0001::1",
  "2001:0:4136:e378:8000:63bf:3fff:fdd2",
  "2001:db8::1",
  "3fff::1",
  "fec0::1",
];

const publicAddresses = [
  "1.1.1.1",
  "8.8.8.8",
  "172.15.0.1",
  "172.32.0.1",
  "100.63.255.255",
  "100.128.0.0",
  "192.0.1.1",
  "223.255.255.255",
  "::ffff:8.8.8.8",
  "2606:4700::1111",
  "2a00:1450:4001::1",
];

const notAddresses = [
  "",
  "localhost",
  "127.1",
  "0x7f.0.0.1",
  "2130706433",
  "127.0.0.1 ",
  "[::1]",
  "010.0.0.1",
  "1.1.1.1:80",
  "::ffff:1.1.1",
];

describe("without a list", () => {
  const { allows } = compileEgress(undefined);
  it.each(publicAddresses)("%s may be dialled", (address) => expect(allows(address)).toBe(true));
  it.each([...privateAddresses, ...addressesNever, ...notAddresses])("'%s' may not", (address) => expect(allows(address)).toBe(false));
});

describe("with a list", () => {
  it("only its networks may be dialled, in whatever form an address is written", () => {
    const { allows } = compileEgress(["10.0.0.0/8", "::1", "fd12::/16"]);
    expect(["10.9.9.9", "::ffff:10.9.9.9", "::ffff:0a09:0909", "::1", "0:0:0:0:0:0:0:1", "fd12:1::1"].every(allows)).toBe(true);
    expect(["11.0.0.1", "127.0.0.1", "::ffff:127.0.0.1", "8.8.8.8", "fd13::1", "2606:4700::1111"].some(allows)).toBe(false);
  });

  it("the word public adds what is public, and nothing else", () => {
    const { allows } = compileEgress(["public", "127.0.0.0/8"]);
    expect(["127.0.0.1", "8.8.8.8", "2606:4700::1111"].every(allows)).toBe(true);
    expect(["10.0.0.1", "::1", "fd12::1"].some(allows)).toBe(false);
  });

  it("no list, not even of everything, opens link-local, metadata and unspecified addresses", () => {
    const { allows } = compileEgress(["0.0.0.0/0", "::/0", "169.254.169.254", "public"]);
    expect(addressesNever.filter(allows)).toEqual([]);
    expect(privateAddresses.every(allows)).toBe(true);
  });

  it("an empty list allows nothing", () => {
    expect([...publicAddresses, ...privateAddresses].some(compileEgress([]).allows)).toBe(false);
  });

  it.each([
    "10.0.0.0/33",
    "10.0.0/8",
    "10.0.0.0/8/8",
    "::/129",
    "example.com",
    "10.0.0.0/",
    "10.0.0.0/-1",
    "10.0.0.0/1e1",
    "fe80::%eth0/10",
    "",
  ])("'%s' is not a network", (network) => expect(() => compileEgress([network])).toThrow(NetworkInvalid));
});

describe("the lookup", () => {
  const listening = async (): Promise<{ server: Server; port: number }> => {
    const server = createServer((_request, response) => response.end("reached"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return { server, port: (server.address() as AddressInfo).port };
  };
  const dial = (port: number, allow: readonly string[]): Promise<unknown> =>
    new Promise((resolve) => {
      const socket = connect({ host: "localhost", port, lookup: networkOf(compileEgress(allow).allows).lookup });
      socket.once("connect", () => resolve("connected"));
      socket.once("error", resolve);
      socket.once("close", () => socket.destroy());
    });

  it("lets a socket reach a name that resolves to an allowed address", async () => {
    const { server, port } = await listening();
    expect(await dial(port, ["127.0.0.0/8"])).toBe("connected");
    server.close();
    server.closeAllConnections();
  });

  it("keeps a socket from a name that resolves elsewhere, and names no address", async () => {
    const { server, port } = await listening();
    const thrown = await dial(port, ["10.0.0.0/8"]);
    expect(thrown).toBeInstanceOf(EgressForbidden);
    expect(String(thrown)).not.toMatch(/127|localhost/);
    server.close();
  });

  it("answers one address or all of them, as it is asked", async () => {
    const { lookup } = networkOf(compileEgress(["127.0.0.0/8"]).allows);
    const one = new Promise((resolve) => lookup("localhost", {}, (error, address, family) => resolve([error, address, family])));
    expect(await one).toEqual([null, "127.0.0.1", 4]);
    const all = new Promise((resolve) => lookup("localhost", { all: true }, (error, addresses) => resolve([error, addresses])));
    expect(await all).toEqual([null, [{ address: "127.0.0.1", family: 4 }]]);
    const none = new Promise((resolve) => lookup("name.invalid", {}, (error) => resolve(error)));
    expect(await none).toMatchObject({ hostname: "name.invalid" });
  });
});
