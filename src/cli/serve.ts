/** `weir serve`: the gateway. */

import { Command } from "commander";
import { type Loaded, printProblem, printResolved, type Reload, watchConfig } from "../config/index.ts";
import { compileEgress } from "../connections/index.ts";
import { isDevelopmentFolder } from "../dev/index.ts";
import { callerSettings, checkDescriptors, compileRules, startGateway } from "../main.ts";
import { createLog, type Log } from "../telemetry/index.ts";
import { orRefuse, readConfiguration } from "./configuration.ts";
import { CommandFailed } from "./failure.ts";
import { type Output, remark, write } from "./output.ts";

/** How a process that a signal ended is reported by shells: 128 and SIGINT's number. */
const interrupted = 130;

/** Resolves at the first signal to stop. A second one ends the process at once: whoever sends it does not want to wait for open answers. */
const stopWanted = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => {
        resolve(signal);
        process.once(signal, () => process.exit(interrupted));
      });
    }
  });

const read = async (file: string, output: Output): Promise<Loaded> => {
  const loaded = await readConfiguration(file);
  for (const warning of loaded.warnings) remark(output, `warning: ${printProblem(warning)}`);
  return loaded;
};

const refuseDevelopment = ({ config: { dataDir } }: Loaded): void => {
  if (!isDevelopmentFolder(dataDir)) return;
  throw new CommandFailed(`${dataDir} was made by npm start, whose keys are for development only. Choose another dataDir, or remove it.`);
};

/** Tells what became of a changed file. */
const reporter =
  (file: string, log: Log, output: Output) =>
  (reload: Reload): void => {
    switch (reload.kind) {
      case "reloaded":
        for (const setting of reload.needRestart)
          remark(output, `${file}: ${setting} has changed, which needs a restart; the old value stays.`);
        log.info({ file }, "The configuration was read again and is in force.");
        return;
      case "refused":
        remark(
          output,
          `The new configuration is refused; the old one stays in force.\n${reload.error instanceof Error ? reload.error.message : ""}`,
        );
        log.error({ file, err: reload.error }, "The new configuration is refused; the old one stays in force.");
    }
  };

const serve = async (file: string, output: Output): Promise<void> => {
  const loaded = await read(file, output);
  refuseDevelopment(loaded);
  const stop = stopWanted();
  const log = createLog();
  const gateway = await orRefuse(() => startGateway(loaded, { log }));
  const watch = watchConfig({
    env: process.env,
    compileEgress,
    loaded,
    apply: (next) => gateway.reload(next),
    report: reporter(file, log, output),
  });
  const signal = await stop;
  log.info({ signal }, "The gateway is stopping: open answers may finish.");
  watch.close();
  await gateway.close();
};

const check = async (file: string, output: Output): Promise<void> => {
  const loaded = await read(file, output);
  await orRefuse(() => compileRules(loaded));
  await orRefuse(() => callerSettings(loaded));
  await orRefuse(() => checkDescriptors(loaded));
  await write(output, printResolved(loaded.config));
  remark(output, `${file} can be used.`);
};

/** Runs the gateway until it is told to stop; the file is read again on SIGHUP and whenever it changes. */
export const serveCommand = (output: Output): Command =>
  new Command("serve")
    .description("run the gateway")
    .requiredOption("--config <file>", "the configuration, weir.yaml")
    .option("--check", "only check the file and print what it means, secrets never")
    .addHelpText("after", "\nExamples:\n  weir serve --config weir.yaml --check\n  weir serve --config weir.yaml")
    .action(({ config, check: only }: { config: string; check?: true }) => (only === true ? check(config, output) : serve(config, output)));
