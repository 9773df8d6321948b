/** gRPC's health service: what `/readyz` tells, for tools that speak gRPC (grpc/grpc `doc/health-checking.md`). */

import { setTimeout } from "node:timers/promises";
import { Code, ConnectError, type ConnectRouter, type HandlerContext } from "@connectrpc/connect";
import { Health, HealthCheckResponse_ServingStatus as Status } from "../../gen/grpc/health/v1/health_pb.ts";

export interface HealthOptions {
  /** Whether everything is up. */
  readonly ready: () => boolean;
  /** Full names of the services that can be asked for; the empty one, which is the gateway as a whole, can always be. */
  readonly services: readonly string[];
}

/** How often Watch looks whether anything has changed, milliseconds. */
const lookEveryMs = 1000;

/** Ends a watch's waiting quietly once its caller is gone. */
const pause = (signal: AbortSignal): Promise<void> => setTimeout(lookEveryMs, undefined, { signal, ref: false }).catch(() => undefined);

/** Registers the health service. */
export const healthRoutes = (router: ConnectRouter, { ready, services }: HealthOptions): void => {
  const known: ReadonlySet<string> = new Set(["", ...services]);
  const statusOf = (): Status => (ready() ? Status.SERVING : Status.NOT_SERVING);
  router.service(Health, {
    check: ({ service }) => {
      if (known.has(service)) return { status: statusOf() };
      throw new ConnectError("There is no service by that name.", Code.NotFound);
    },
    watch: async function* ({ service }, { signal }: HandlerContext) {
      let told: Status | undefined;
      while (!signal.aborted) {
        const status = known.has(service) ? statusOf() : Status.SERVICE_UNKNOWN;
        if (status !== told) yield { status };
        told = status;
        await pause(signal);
      }
    },
  });
};
