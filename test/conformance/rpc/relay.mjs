// What connectconformance starts for each server: a line to the run that has started it (run.ts), where the servers are made, because a gateway of its
// own would take longer to load than the suite waits. Ends the server by leaving.

import { connect } from "node:net";

const line = connect(process.argv[2]);
process.stdin.pipe(line, { end: false });
line.pipe(process.stdout);
line.on("close", () => process.exit());
