import { startSimulator } from "./server.js";

/** EX_CONFIG of sysexits.h, as the gateway itself exits with bad settings. */
const BAD_SETTINGS = 78;

const SWITCH: Readonly<Record<string, boolean>> = { on: true, true: true, off: false, false: false };

const fail = (code: number, line: string): never => {
  console.error(line);
  process.exit(code);
};

// An empty value counts as unset, as in the gateway.
const portText = process.env.SIMULATOR_PORT || "4010";
const host = process.env.SIMULATOR_HOST || "127.0.0.1";
const adminText = process.env.SIMULATOR_ADMIN || "off";

const port = /^\d{1,5}$/.test(portText) ? Number(portText) : Infinity;
if (port > 65_535) fail(BAD_SETTINGS, "SIMULATOR_PORT: not a port; allowed: 0 to 65535");
const admin =
  SWITCH[adminText] ?? fail(BAD_SETTINGS, "SIMULATOR_ADMIN: not a switch; allowed: on, off, true, false");

try {
  const simulator = await startSimulator({ port, host, admin });
  console.log(`ModelArts simulator on ${simulator.url}${admin ? ", admin path on" : ""}`);
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void simulator.close());
} catch (error) {
  fail(1, `Cannot listen on ${host}:${port}: ${error instanceof Error ? error.message : String(error)}`);
}
