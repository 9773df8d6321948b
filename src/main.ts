/** Puts a gateway together out of its parts and runs it. With `cli/main.ts` and `dev/main.ts` the only file that knows everybody. */

import type { ConnectionMessages } from "../adapters/rpc/index.ts";
import { Upstreams } from "../adapters/shared/upstream-http.ts";
import { Http2Upstreams } from "../adapters/shared/upstream-http2.ts";
import { type AccessKeeping, approvalStatus, startAccess, tokenEndpoints } from "./access.ts";
import { type Closers, startOrClose } from "./closers.ts";
import type { Loaded } from "./config/index.ts";
import { ConnectionRegistry, type Network, networkOf, ObjectOwners } from "./connections/index.ts";
import { startAdminServer } from "./console/api/index.ts";
import { type BesideFile, Declaring, readBeside } from "./declaring.ts";
import { prepareDescriptors, rehearseDescriptors, startDescriptors } from "./descriptors.ts";
import { makeServe, type Ports } from "./enforcement/index.ts";
import { Directory } from "./identity/index.ts";
import { type InForce, inForce, noTokens } from "./in-force.ts";
import type { Listener } from "./listener/index.ts";
import { managementRoutes } from "./management.ts";
import { callNotices, configurationNotice, declarationNotice, tellingOfRevoked } from "./notices.ts";
import { type EndedCall, observedRecorder } from "./observed-recorder.ts";
import { authorizePeople } from "./people.ts";
import { makeListener, renewCertificate } from "./port.ts";
import { type RecordKeeping, startRecord } from "./record.ts";
import { protocolSurfaces } from "./surfaces.ts";
import { createLog, type Log, Metrics } from "./telemetry/index.ts";

/** Time that open answers get to finish when the gateway is told to stop, milliseconds. */
const drainMs = 30_000;

export interface Gateway {
  readonly port: number;
  readonly adminPort: number;
  /** Takes a new configuration without dropping a request. Throws ConfigError, and stays as it was, when the new one cannot be used. */
  reload(loaded: Loaded): Promise<void>;
  /** Stops accepting, lets open answers finish for at most `graceMs`, makes the record durable, and ends everything that was started. */
  close(graceMs?: number): Promise<void>;
}

export interface GatewayOptions {
  readonly log?: Log;
}

/** The parts of a running gateway that a reload or the end of it concerns. */
interface Parts {
  readonly beside: BesideFile;
  readonly current: InForce;
  readonly directory: Directory;
  readonly access: AccessKeeping;
  readonly connections: ConnectionRegistry;
  readonly messages: ConnectionMessages;
  readonly metrics: Metrics;
  readonly record: RecordKeeping;
}

/** How the gateway reaches its upstreams. */
interface Dialling {
  readonly upstreams: Upstreams;
  readonly http2: Http2Upstreams;
}

const startDialling = (network: Network, closers: Closers): Dialling => {
  const upstreams = new Upstreams({ network });
  closers.add(() => upstreams.close());
  const http2 = new Http2Upstreams({ network });
  closers.add(() => http2.close());
  return { upstreams, http2 };
};

const startParts = async (loaded: Loaded, log: Log, closers: Closers): Promise<Parts & Dialling> => {
  const current = await inForce(loaded);
  const metrics = new Metrics();
  const network = networkOf((address) => current.egress.allows(address));
  const record = await startRecord(loaded.config, log, closers);
  metrics.watchJournal(record.figures);
  const access = await startAccess(loaded.config, { address: record.database, network, log, policies: () => current.policies }, closers);
  const beside = await readBeside(loaded, access.pool);
  Object.assign(current, await inForce(beside.united, current));
  const keysFailed = (issuer: string, note: string): void => log.warn({ issuer, note }, "The keys of an issuer could not be fetched.");
  const directory = new Directory({ settings: current.callers, network, keysFailed, kept: access });
  closers.add(() => directory.close());
  const connections = new ConnectionRegistry(current.config.connections);
  metrics.connections = connections.names;
  const dialling = startDialling(network, closers);
  const messages = await startDescriptors(beside.united, dialling.http2);
  return { beside, current, directory, access, connections, messages, metrics, record, ...dialling };
};

const tellOfCalls =
  ({ notifier }: AccessKeeping) =>
  (ended: EndedCall): void => {
    for (const notice of callNotices(ended)) notifier.tell(notice);
  };

/** Who asks at a door that is no call's. */
const peopleAt = ({ directory, access: { notifier } }: Parts, door: string): Pick<Directory, "identify"> =>
  tellingOfRevoked(directory, { tell: (event) => notifier.tell(event), door });

const portsOf = ({ current, directory, access, connections, metrics, record }: Parts, log: Log): Ports => ({
  identities: directory,
  access: access.control,
  approvals: access.approvals,
  quotas: access.quotas,
  connections,
  objects: new ObjectOwners(access.pool),
  policies: () => current.policies,
  recorder: observedRecorder(record.recorder, { metrics, log, ended: tellOfCalls(access) }),
  tokens: { count: (texts) => (current.tokens ?? noTokens).count(texts) },
});

/** Everything is built before anything in force is touched: a reload happens whole or not at all. */
const putInForce = async (parts: Parts, listener: Listener, loaded: Loaded): Promise<void> => {
  const next = await inForce(loaded, parts.current);
  await prepareDescriptors(parts.messages, loaded);
  renewCertificate(listener, loaded.config);
  parts.connections.update(loaded.config.connections);
  parts.directory.update(next.callers);
  parts.metrics.connections = parts.connections.names;
  parts.access.notifier.update(loaded.config.notifications);
  Object.assign(parts.current, next);
};

/** Sees that a configuration could be put in force, and changes nothing. */
const rehearse = async (parts: Parts, loaded: Loaded): Promise<void> => {
  await inForce(loaded, parts.current);
  await rehearseDescriptors(parts.messages, loaded);
};

/** What a part that is started later needs of what runs. */
interface Running {
  readonly listener: Listener;
  readonly log: Log;
  readonly closers: Closers;
}

const startDeclaring = (file: Loaded, parts: Parts, { listener, log, closers }: Running): Declaring => {
  const { beside, access, current } = parts;
  return Declaring.start(
    {
      file,
      beside,
      put: (loaded) => putInForce(parts, listener, loaded),
      rehearse: (loaded) => rehearse(parts, loaded),
      changed: (by, events) => access.notifier.tell(declarationNotice(current.config.policyRevision, by, events)),
      feed: access.feed,
      log,
    },
    closers,
  );
};

const startGatewayWith = async (loaded: Loaded, log: Log, closers: Closers): Promise<Gateway> => {
  const { config } = loaded;
  const parts = await startParts(loaded, log, closers);
  let ready = false;
  const isReady = (): boolean => ready;
  const serve = makeServe(portsOf(parts, log));
  const own = [
    tokenEndpoints(parts.access, { directory: peopleAt(parts, "a token endpoint"), policies: () => parts.current.policies, log }),
    approvalStatus(parts.access, peopleAt(parts, "an approval's address")),
  ];
  const surfaces = [...protocolSurfaces({ serve, ...parts }), ...own];
  const listener = makeListener(config, { surfaces, connections: parts.connections, ready: isReady });
  const declaring = startDeclaring(loaded, parts, { listener, log, closers });
  const authorize = authorizePeople(peopleAt(parts, "the management API"), () => parts.current.config.roles);
  const admin = await startAdminServer({
    ...config.admin,
    routes: managementRoutes({ ...parts, declarations: declaring.declarations, authorize, config: () => parts.current.config }),
    ready: isReady,
    metrics: () => parts.metrics.page(),
  });
  closers.add(() => admin.close());
  const port = await listener.listen(config.listen.port, config.listen.address);
  let grace = drainMs;
  closers.add(() => listener.drain(grace));
  ready = true;
  log.info({ address: config.listen.address, port, adminPort: admin.port }, "The gateway is up.");
  return {
    port,
    adminPort: admin.port,
    reload: async (next) => {
      await declaring.reload(next);
      parts.access.notifier.tell(configurationNotice(parts.current.config.policyRevision));
    },
    close: async (graceMs = drainMs) => {
      ready = false;
      grace = graceMs;
      await closers.close();
    },
  };
};

/**
 * Starts a gateway by a checked configuration: database, record, listeners. Nothing listens before everything else is up.
 * Throws ConfigError for policies that cannot be compiled, and errors in plain words for a port that is taken or a database that cannot be used;
 * what had been started is ended again.
 */
export const startGateway = (loaded: Loaded, { log = createLog() }: GatewayOptions = {}): Promise<Gateway> =>
  startOrClose((closers) => startGatewayWith(loaded, log, closers));

export { callerSettings } from "./callers.ts";
export { checkDescriptors } from "./descriptors.ts";
export { checkRules, compileRules } from "./rules.ts";
