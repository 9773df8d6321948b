/** The ports of `npm start`, looked at before anything else is started. */

import { createServer } from "node:http";
import { listen } from "./listen.ts";
import type { Environment } from "./upstream.ts";

const usualPort = 8080;
const highestPort = 65_535;

/** A port that cannot be had. The message is for people, and says what to do. */
export class PortUnusable extends Error {
  override readonly name = "PortUnusable";
}

export interface Ports {
  readonly port: number;
  readonly adminPort: number;
}

const portIn = (text: string, name: string): number => {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= highestPort)) throw new PortUnusable(`${name} must be a port number, 0 to ${highestPort}; it is "${text}".`);
  return port;
};

/** Ports from the command line, else the environment, else 8080 and the one after the gateway's. */
export const choosePorts = (
  options: { readonly port?: string | undefined; readonly adminPort?: string | undefined },
  env: Environment,
): Ports => {
  const port = portIn(options.port ?? env.PORT ?? String(usualPort), options.port === undefined ? "PORT" : "--port");
  const after = port === 0 ? 0 : port === highestPort ? port - 1 : port + 1;
  const adminPort = portIn(
    options.adminPort ?? env.ADMIN_PORT ?? String(after),
    options.adminPort === undefined ? "ADMIN_PORT" : "--admin-port",
  );
  return { port, adminPort };
};

const reasonOf = (thrown: unknown): string => {
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown";
  switch (code) {
    case "EADDRINUSE":
      return "is taken: another program, perhaps another Weir, listens there";
    case "EACCES":
      return "needs rights that this user does not have";
    default:
      return `cannot be used (${code})`;
  }
};

const check = async (port: number, remedy: string): Promise<void> => {
  if (port === 0) return;
  const probe = createServer();
  try {
    await listen(probe, port, "127.0.0.1");
  } catch (thrown) {
    throw new PortUnusable(`Port ${port} on 127.0.0.1 ${reasonOf(thrown)}.\nStop it, or choose another port: ${remedy}`);
  }
  await new Promise<void>((resolve) => probe.close(() => resolve()));
};

/** Rejects with {@link PortUnusable} when one of the ports cannot be had. */
export const ensureFree = async ({ port, adminPort }: Ports): Promise<void> => {
  await check(port, `PORT=${port + 10} npm start`);
  await check(adminPort, `ADMIN_PORT=${adminPort + 10} npm start`);
};
