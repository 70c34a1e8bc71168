import { randomUUID } from "node:crypto";
import { GatewayError } from "../../errors.js";
import { type EventsRequest } from "../../modelarts/client.js";
import { createModelArtsClient } from "../../modelarts/create-client.js";
import { createLogger } from "../../observability/logger.js";
import { addEnvFile } from "../../settings/env-file.js";
import { readSettings, type Settings } from "../../settings/settings.js";
import { createSignIn, readerOfOwnKey } from "../credentials.js";
import { checkRules } from "./checks.js";

/** EX_CONFIG of sysexits.h. */
const BAD_SETTINGS = 78;
/** The limit of one call with its retries, in milliseconds. */
const CALL_LIMIT_MS = 30_000;

const USAGE = [
  "Usage: npm run probe -- JOB_ID",
  "Needs MODELARTS_ENDPOINT, MODELARTS_PROJECT_ID and the settings of MODELARTS_AUTH.",
  "With MODELARTS_AUTH=passthrough, PROBE_TOKEN holds a ModelArts token.",
];

addEnvFile(".env", process.env);
const reading = readSettings(process.env);
const [jobId] = process.argv.slice(2);
if (!reading.ok) exitWith(BAD_SETTINGS, reading.problems);
const { MODELARTS_ENDPOINT: endpoint, MODELARTS_PROJECT_ID: projectId } = reading.settings;
if (jobId === undefined || endpoint === null || projectId === null) exitWith(BAD_SETTINGS, USAGE);
process.exit(await probe(reading.settings, endpoint, { projectId, jobId }));

/** @returns 0 if the upstream follows all rules, otherwise 1 */
async function probe(
  settings: Settings,
  endpoint: string,
  job: Pick<EventsRequest, "projectId" | "jobId">,
): Promise<number> {
  const logger = createLogger("warn", process.stderr);
  const ownKey = readerOfOwnKey(settings, logger);
  const ownKeyOf = () => {
    if (ownKey === null) throw new Error("The settings have no access key.");
    return ownKey();
  };
  const client = createModelArtsClient({
    endpoint,
    connections: 1,
    tryTimeoutMs: settings.UPSTREAM_TIMEOUT_MS,
    retries: 0,
    signIn: await createSignIn(settings, endpoint, { nowMs: Date.now, ownKeyOf, logger }),
  });
  const token = process.env["PROBE_TOKEN"];
  let calls = 0;
  const unfiltered = {
    level: null,
    source: null,
    messageContains: null,
    time: null,
    language: null,
  } as const;
  const list = (changes: Partial<EventsRequest>) => {
    calls += 1;
    const deadlineMs = Date.now() + CALL_LIMIT_MS;
    return client.listEvents(
      { ...job, ...unfiltered, offset: 0, limit: 100, ...changes },
      {
        credentials: token === undefined ? { kind: "none" } : { kind: "token", token },
        requestId: randomUUID(),
        signal: AbortSignal.timeout(CALL_LIMIT_MS),
        deadlineMs: () => deadlineMs,
      },
    );
  };
  try {
    const findings = await checkRules(list);
    for (const { isGood, rule, detail } of findings) print(`${isGood ? "ok  " : "FAIL"} ${rule}: ${detail}`);
    print(
      `${calls} calls. ${findings.every(({ isGood }) => isGood) ? "ModelArts follows all rules." : "Read the FAIL lines."}`,
    );
    return findings.every(({ isGood }) => isGood) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const { errorCode = null, errorMsg = null } = error.details.modelArts ?? {};
    print(
      `FAIL reach: ${error.message} (${error.code}; ModelArts: ${errorCode ?? "no code"} ${errorMsg ?? ""})`,
    );
    return 1;
  } finally {
    await client.close();
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function exitWith(code: number, lines: readonly string[]): never {
  process.stderr.write(lines.map((line) => `${line}\n`).join(""));
  process.exit(code);
}
