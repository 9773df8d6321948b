/** Exits 0 when the address given answers 2xx. The images have no curl, and need none. */

const answer = await fetch(process.argv[2] ?? "http://127.0.0.1:8080/readyz").catch(() => undefined);
process.exit(answer?.ok ? 0 : 1);
