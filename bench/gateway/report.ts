/** The report: what was measured, as ratios inside one run, and each aim with reached or not. */

import { type Figure, figure, type Results, total } from "./results.ts";

/** One aim: a sentence, the value reached, whether that is enough. */
interface Aim {
  readonly aim: string;
  readonly value: number | undefined;
  readonly enough: (value: number) => boolean;
  readonly digits: number;
}

export interface Circumstances {
  readonly machine: string;
  readonly node: string;
  /** CPU of PostgreSQL (pinned to the client's core) for one recorded call, in ms. */
  readonly databaseMsPerCall: number;
  readonly missing: ReadonlyMap<string, string>;
}

const self = "weir";
const dash = "–";

const ratio = (results: Results, peer: string, scenario: string, name: Figure): number | undefined => {
  const [ours, theirs] = [figure(results, self, scenario, name), figure(results, peer, scenario, name)];
  return ours === undefined || theirs === undefined ? undefined : ours / theirs;
};

const added = (results: Results, target: string, scenario: string, name: Figure): number | undefined => {
  const [through, direct] = [figure(results, target, scenario, name), figure(results, "direct", scenario, name)];
  return through === undefined || direct === undefined ? undefined : through - direct;
};

/** CPU seconds per thousand requests are milliseconds per request; per million tokens, microseconds per token. */
const aimsOf = (results: Results): readonly Aim[] => {
  const most = (limit: number) => (value: number) => value <= limit;
  const least = (limit: number) => (value: number) => value >= limit;
  const own = results.runs.filter(({ target }) => target === self);
  const planted = own.filter(({ scenario }) => scenario.endsWith("-pii"));
  const leaks = planted.length === 0 ? undefined : planted.reduce((sum, run) => sum + run.leaked_responses, 0);
  const memory = own.length === 0 ? undefined : Math.max(...own.map((run) => run.target_rss_mib));
  return [
    {
      aim: "requests/s, 16 at a time, ≥ 0.5 × Envoy's plain route",
      value: ratio(results, "envoy", "ns-c16", "rps"),
      enough: least(0.5),
      digits: 2,
    },
    {
      aim: "CPU ≤ 0.11 ms a request",
      value: figure(results, self, "ns-c16", "target_cpu_s_per_1k_requests"),
      enough: most(0.11),
      digits: 3,
    },
    { aim: "tokens/s, 16 streams, ≥ 1 × nginx", value: ratio(results, "nginx", "st16-d0", "tokens_per_s"), enough: least(1), digits: 2 },
    { aim: "CPU ≤ 6 µs a token", value: figure(results, self, "st16-d0", "target_cpu_s_per_1M_tokens"), enough: most(6), digits: 1 },
    { aim: "added p50 ≤ 0.4 ms, one at a time", value: added(results, self, "ns-c1", "p50_ms"), enough: most(0.4), digits: 2 },
    {
      aim: "added token delay ≤ one delta + 1 ms, at one delta each 5 ms",
      value: added(results, self, "st16-d5", "token_delay_p50_ms"),
      enough: most(6),
      digits: 2,
    },
    { aim: "memory ≤ 160 MiB under load", value: memory, enough: most(160), digits: 0 },
    { aim: "0 answers with a leaked value", value: leaks, enough: most(0), digits: 0 },
  ];
};

const shown = (value: number | undefined, digits: number): string => (value === undefined ? dash : value.toFixed(digits));

const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");

const verdict = ({ value, enough }: Aim): string => {
  if (value === undefined) return "not measured";
  return enough(value) ? "reached" : "**not reached**";
};

const aimsTable = (results: Results): string =>
  table(
    ["aim", "measured", ""],
    aimsOf(results).map((aim) => [aim.aim, shown(aim.value, aim.digits), verdict(aim)]),
  );

interface Column {
  readonly title: string;
  readonly cell: (target: string, scenario: string) => string;
}

const columnsOf = (results: Results, streamed: boolean): readonly Column[] => {
  const plain = (title: string, name: Figure, digits: number): Column => ({
    title,
    cell: (target, scenario) => shown(figure(results, target, scenario, name), digits),
  });
  const speed: Figure = streamed ? "tokens_per_s" : "rps";
  const against = (peer: string): Column => ({
    title: `× ${peer}`,
    cell: (target, scenario) => {
      const [own, theirs] = [figure(results, target, scenario, speed), figure(results, peer, scenario, speed)];
      return own === undefined || theirs === undefined ? dash : (own / theirs).toFixed(2);
    },
  });
  const delay: Figure = streamed ? "token_delay_p50_ms" : "p50_ms";
  return [
    plain(streamed ? "tokens/s" : "requests/s", speed, 0),
    against("nginx"),
    against("envoy"),
    streamed ? plain("CPU µs/token", "target_cpu_s_per_1M_tokens", 1) : plain("CPU ms/request", "target_cpu_s_per_1k_requests", 3),
    {
      title: streamed ? "added token delay p50 ms" : "added p50 ms",
      cell: (target, scenario) => shown(added(results, target, scenario, delay), 2),
    },
    plain("p99 ms", "p99_ms", 2),
    plain("memory MiB", "target_rss_mib", 0),
    { title: "errors", cell: (target, scenario) => String(total(results, target, scenario, "errors")) },
    {
      title: "leaked",
      cell: (target, scenario) =>
        scenario.endsWith("-pii")
          ? `${total(results, target, scenario, "leaked_responses")}/${total(results, target, scenario, "requests")}`
          : dash,
    },
  ];
};

const scenarioSection = (results: Results, scenario: string, mode: string): string => {
  const columns = columnsOf(results, mode === "stream");
  const ran = results.targets.filter(({ name }) => figure(results, name, scenario, "rps") !== undefined);
  const body = ran.map(({ name }) => [name === self ? "**weir**" : name, ...columns.map(({ cell }) => cell(name, scenario))]);
  return `### ${scenario}\n\n${table(["target", ...columns.map(({ title }) => title)], body)}`;
};

/** From the quietest to the busiest measurement. */
const load = ({ runs }: Results): string => {
  const all = runs.map(({ loadavg_1m }) => loadavg_1m);
  return `${Math.min(...all).toFixed(1)} to ${Math.max(...all).toFixed(1)}`;
};

/** The whole report as Markdown. */
export const report = (results: Results, about: Circumstances): string => {
  const started = results.targets.map(({ name, startup_s, idle_rss_mib, note }) => [
    name,
    shown(startup_s, 2),
    shown(idle_rss_mib, 0),
    note ?? "",
  ]);
  const left = [...about.missing].map(([peer, reason]) => `- ${peer} was not measured: ${reason}`);
  return [
    "# The gateway beside its peers, measured",
    "",
    `Written by \`bench/gateway/run.ts\` on ${results.when.slice(0, 10)}; method in \`bench/gateway/README.md\`. ${about.machine}, Node ${about.node}.`,
    `Weir ran with identity, policy, masking (every detector, both directions) and recording (\`durability: process\`) on;`,
    "the peers forward plainly unless their note says otherwise. Medians over repetitions; only ratios within this run and CPU time mean anything elsewhere.",
    `The machine's load average over a minute was ${load(results)} while it ran; with two cores busy on purpose, much above 2 means that others took part.`,
    `PostgreSQL ran on the load client's core and took ${about.databaseMsPerCall.toFixed(3)} ms of CPU for each call that Weir recorded; that is not in Weir's figures.`,
    "",
    "## Aims",
    "",
    aimsTable(results),
    "",
    "## Scenarios",
    "",
    "`ns`: whole answers; `st`: streams of 200 deltas; `c16`, `16`: at a time; `d5`: one delta each 5 ms; `pii`: answers with planted values; `ol`: open loop.",
    "",
    ...results.scenarios.flatMap(({ name, mode }) => [scenarioSection(results, name, mode), ""]),
    "## Targets",
    "",
    table(["target", "ready after s", "idle MiB", ""], started),
    ...(left.length > 0 ? ["", ...left] : []),
    "",
  ].join("\n");
};
