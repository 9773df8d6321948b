/** The command line as a program. */

import { runCommandLine } from "./program.ts";

// A reader that leaves ends the command that writes to it; without a listener Node would print a stack instead.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

const { stdin, stdout, stderr } = process;
process.exitCode = await runCommandLine(process.argv.slice(2), { stdin, stdout, stderr });
