/** Binds a server. */

import type { Server } from "node:http";

/** Resolves with the port that was bound. Rejects with the system's error (`EADDRINUSE`, `EACCES`). */
export const listen = (server: Server, port: number, address: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, () => {
      server.off("error", reject);
      const bound = server.address();
      resolve(typeof bound === "object" && bound !== null ? bound.port : port);
    });
  });
