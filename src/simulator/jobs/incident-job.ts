import { type SimulatedEvent } from "./event.js";
import { GENERATED_START_MS, generateEvents } from "./generator.js";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Eight hours: one event about every 30 seconds, except for ten minutes in which workers fail and are restarted. */
const HOURS = 8;
const QUIET_EVERY_MS = 30_000;
const BURST_AT_MS = 5 * HOUR_MS + 20 * MINUTE_MS;
const BURST_MS = 10 * MINUTE_MS;
const BURST_EVENTS = 1_200;

/** The messages of a failing worker, in turn. */
const FAILURE: readonly ((worker: number, step: number) => Omit<SimulatedEvent, "timeMs">)[] = [
  (worker, step) => ({
    level: "Warning",
    source: "Task",
    message: `[worker-${worker}] NCCL watchdog: no answer from the ring for 30 s at step ${step}.`,
  }),
  (worker) => ({
    level: "Error",
    source: "Task",
    message: `[worker-${worker}] NCCL error: unhandled system error, connection reset by peer.`,
  }),
  (worker) => ({
    level: "Error",
    source: "Task",
    message: `[worker-${worker}] Training process exited with code 1.`,
    messageZh: `[worker-${worker}] 训练进程退出，退出码 1。`,
  }),
  (worker) => ({
    level: "Warning",
    source: "K8S",
    message: `[Pod: modelarts-job-incident-worker-${worker}] BackOff: Back-off restarting failed container`,
  }),
  (worker) => ({
    level: "Info",
    source: "Job",
    message: `Worker ${worker} is restarted from the last checkpoint.`,
    messageZh: `工作节点 ${worker} 从最近的检查点重启。`,
  }),
];

/** A job as operators see it: quiet for hours, a burst of errors, and quiet again until its end. */
export const incidentJob = (): SimulatedEvent[] => {
  const texts = generateEvents((HOURS * HOUR_MS) / QUIET_EVERY_MS, { seed: 8 });
  const quiet = texts.map((event, index) => ({
    timeMs: GENERATED_START_MS + index * QUIET_EVERY_MS,
    level: "Info",
    source: event.source,
    message: event.message,
    messageZh: event.messageZh,
  }));
  const burst = Array.from({ length: BURST_EVENTS }, (_, index): SimulatedEvent => {
    const timeMs =
      GENERATED_START_MS + BURST_AT_MS + Math.floor((index * BURST_MS) / BURST_EVENTS / 1000) * 1000;
    const write = FAILURE[index % FAILURE.length];
    if (!write) throw new Error("A failing worker writes nothing.");
    return { timeMs, ...write((index * 7) % 16, 41_000 + Math.floor(index / 16)) };
  });
  const end: SimulatedEvent = {
    timeMs: GENERATED_START_MS + HOURS * HOUR_MS,
    level: "Info",
    source: "Job",
    message: "Training job completed.",
    messageZh: "训练作业已完成。",
  };
  return [...quiet, ...burst, end].sort((a, b) => a.timeMs - b.timeMs);
};
