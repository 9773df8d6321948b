/** The connections in force, and which of them a call is for (ARCHITECTURE.md 1.3). */

import type { Connections, Routed } from "../enforcement/ports.ts";
import type { Connection, Direction, RouteHints, SurfaceName } from "../envelope/call.ts";
import { GatewayError } from "../envelope/error.ts";
import { approvalsRoot } from "../envelope/surface.ts";
import { speaksRpc, type WireFacts } from "../envelope/wire.ts";
import { directionTo, holdsFor } from "./direction.ts";
import { entryOf } from "./entry.ts";
import { type Fit, isInference, RouteTable, type Step, steps } from "./route-table.ts";
import type { ConnectionSettings } from "./settings.ts";

type Usable = (connection: string) => boolean;

const unknown = (): GatewayError => new GatewayError("target_unknown");

/** Own paths of the token endpoints: whatever stands below them never leads to an upstream. */
const ownOAuth = /^\/(?:oauth|\.well-known)(?:\/|$)/;

/** The one that fits within a step, if any. Throws `request_invalid` for two. */
const only = (fitting: readonly Fit[]): Fit | undefined => {
  if (fitting.length > 1) {
    throw new GatewayError("request_invalid", "More than one connection fits; name one in the header weir-connection.");
  }
  return fitting[0];
};

/** The connection whose own models fit, else the one that names none, else the only one. */
const byModel = (fitting: readonly Fit[], model: string | undefined): Fit | undefined => {
  const named = model === undefined ? undefined : only(fitting.filter(({ entry }) => entry.serves?.(model) === true));
  if (named !== undefined) return named;
  return only(fitting.filter(({ entry }) => entry.serves === undefined)) ?? (fitting.length === 1 ? fitting[0] : undefined);
};

/** The connections that settings make, for what must be prepared before they are in force. */
export const connectionsOf = (settings: readonly ConnectionSettings[]): readonly Connection[] =>
  settings.map((each) => entryOf(each).connection);

const tableOf = (settings: readonly ConnectionSettings[]): RouteTable => new RouteTable(settings.map(entryOf));

/** The surface of a request that leads nowhere: its refusal is worded for the client that probably sent it. */
const strayed = ({ shape }: RouteHints, rpc: boolean): SurfaceName => {
  if (rpc) return "rpc";
  if (shape === undefined) return "rest";
  return shape === "anthropic" ? "anthropic" : "openai";
};

/** A caller who names a connection means that one and nothing else in its stead. */
const goesOn = (step: Step, { connection }: RouteHints): boolean => step !== "connection" || connection === undefined;

export class ConnectionRegistry implements Connections {
  #table: RouteTable;

  constructor(settings: readonly ConnectionSettings[]) {
    this.#table = tableOf(settings);
  }

  /** Takes a new set at once; calls that have their connection already keep it. */
  update(settings: readonly ConnectionSettings[]): void {
    this.#table = tableOf(settings);
  }

  /** The names of all connections: the only ones that metrics may bear. */
  get names(): readonly string[] {
    return [...this.#table.entries.keys()];
  }

  /**
   * Where a head leads as far as configuration tells. Of several connections that fit within a step the first is taken: whoever may use another of them only
   * gets there if the request is read the same for it.
   */
  direct(route: RouteHints, facts: WireFacts): Direction {
    const { path } = route;
    if (isInference(path)) return { surface: "inference", path, operations: [] };
    if (path.startsWith(approvalsRoot)) return { surface: "approvals", path, operations: [] };
    if (ownOAuth.test(path)) return { surface: "oauth", path, operations: [] };
    const rpc = speaksRpc(facts);
    const fit = this.#meant(route);
    return fit === undefined ? { surface: strayed(route, rpc), path, operations: [] } : directionTo(fit, rpc);
  }

  /** The connection by which {@link direct} chooses: what a request must be read by before it is known who sends it. undefined: it leads nowhere. */
  meant(route: RouteHints): Connection | undefined {
    return this.#meant(route)?.entry.connection;
  }

  resolve(call: Routed, model: string | undefined, usable: Usable): Connection {
    const choose = (step: Step, fitting: readonly Fit[]) => (step === "shape" ? byModel(fitting, model) : only(fitting));
    const fit = this.#first(call.route, usable, choose);
    if (fit === undefined || !holdsFor(call.direction, fit)) throw unknown();
    return fit.entry.connection;
  }

  resolveAll(call: Routed, usable: Usable): readonly [Connection, ...Connection[]] {
    const choose = (step: Step, fitting: readonly Fit[]) => (step === "shape" ? fitting : [only(fitting)]);
    const fitting = this.#first(call.route, usable, choose) ?? [];
    const [first, ...more] = fitting.flatMap((fit) => (fit !== undefined && holdsFor(call.direction, fit) ? [fit.entry.connection] : []));
    if (first === undefined) throw unknown();
    return [first, ...more];
  }

  #meant(route: RouteHints): Fit | undefined {
    return this.#first(
      route,
      () => true,
      (_, [fit]) => fit,
    );
  }

  /** What `choose` takes of the first step that fits. */
  #first<Chosen>(
    route: RouteHints,
    usable: Usable,
    choose: (step: Step, fitting: readonly Fit[]) => Chosen | undefined,
  ): Chosen | undefined {
    for (const step of steps) {
      const fits = this.#table.fits(step, route);
      const fitting = fits.length === 0 ? fits : fits.filter(({ entry }) => usable(entry.connection.name));
      const chosen = fitting.length === 0 ? undefined : choose(step, fitting);
      if (chosen !== undefined) return chosen;
      if (!goesOn(step, route)) break;
    }
    return undefined;
  }
}
