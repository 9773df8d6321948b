/** Ports in tests with official SDKs: what arrives at one, and one where nothing does. */

import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { createServer } from "node:net";
import { z } from "zod";

/** A port that nothing listens on: taken for a moment and given back. */
export const deadPort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const bound = server.address();
      server.close(() => resolve(bound !== null && typeof bound === "object" ? bound.port : 0));
    });
  });

const arrivalSchema = z.object({ socket: z.object({ localPort: z.number() }) });

/** Counts requests on one port by Node's own report of each, so that neither the client nor the gateway has to be touched. */
export const countRequests = (port: number): { readonly count: () => number; readonly stop: () => void } => {
  let seen = 0;
  const onStart = (message: unknown): void => {
    if (arrivalSchema.parse(message).socket.localPort === port) seen += 1;
  };
  subscribe("http.server.request.start", onStart);
  return { count: () => seen, stop: () => unsubscribe("http.server.request.start", onStart) };
};
