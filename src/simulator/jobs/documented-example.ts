import { type SimulatedEvent } from "./event.js";

const JOB = "modelarts-job-5bd61eea-9de2-4864-a0f7-5fae966171b5";
const POD = `[Pod: ${JOB}-worker-0]`;
const IMAGE = '"resource-path/modelarts-job-dev-image/modelarts-tool-container:1.0.0-5.3.1-b002.2"';

type Row = readonly [clock: string, level: string, source: string, message: string];

/**
 * The ten events of the API's reference page, word for word and in its order, newest first. One source is `K8s`, the
 * others `K8S`.
 */
const DOCUMENTED: readonly Row[] = [
  ["16:03:41", "Error", "Job", "Training job failed."],
  ["16:03:16", "Info", "K8S", `[Job: ${JOB}] ExecuteAction: Start to execute action TerminateJob`],
  [
    "16:03:12",
    "Info",
    "Task",
    "[worker-0][time used: 0.296s] Upload training output(parameter name: train_url) finished.",
  ],
  ["16:03:12", "Info", "Task", "[worker-0] Training output(parameter name: train_url) Uploading."],
  ["16:03:11", "Info", "Task", "[worker-0] Training finished. Exit code 1."],
  ["16:02:10", "Info", "Task", "[worker-0] training started."],
  ["16:02:09", "Info", "Job", "Training job is running."],
  ["16:02:06", "Info", "K8S", `${POD} Started: Started container`],
  ["16:02:06", "Info", "K8S", `${POD} SuccessfulCreate: Created container`],
  ["16:02:05", "Info", "K8s", `${POD} Pulled: Successfully pulled image ${IMAGE}`],
];

/** The other seventeen of the `total` of 27. The page does not show them, so they are invented; newest first. */
const OLDER: readonly Row[] = [
  ["16:02:05", "Info", "K8S", `${POD} Pulling: Pulling image ${IMAGE}`],
  ["16:02:03", "Info", "K8S", `${POD} Started: Started init container`],
  ["16:02:03", "Info", "K8S", `${POD} SuccessfulCreate: Created init container`],
  ["16:02:01", "Info", "Task", "[worker-0][time used: 1.873s] Download training input finished."],
  ["16:01:59", "Info", "Task", "[worker-0] Training input(parameter name: data_url) downloading."],
  ["16:01:58", "Info", "Task", "[worker-0][time used: 0.412s] Download training code finished."],
  ["16:01:57", "Info", "Task", "[worker-0] Training code downloading."],
  ["16:01:56", "Info", "Task", "[worker-0] Environment pre-check passed."],
  ["16:01:54", "Warning", "K8S", `${POD} FailedMount: Volume for the training data is not ready yet`],
  ["16:01:52", "Info", "K8S", `${POD} Scheduled: Successfully assigned pod to node`],
  ["16:01:50", "Warning", "K8S", `${POD} FailedScheduling: 0 of 3 nodes are available`],
  ["16:01:48", "Info", "K8S", `[Job: ${JOB}] PodGroupReady: All pods of the job exist`],
  ["16:01:46", "Info", "Job", "Training job is being prepared."],
  ["16:01:44", "Info", "Job", "Training job left the queue."],
  ["16:01:41", "Info", "Job", "Training job is queuing."],
  ["16:01:39", "Info", "Job", "Training job passed its parameter check."],
  ["16:01:38", "Info", "Job", "Training job created."],
];

/** The job of the API's reference page, oldest first. */
export const documentedExample = (): SimulatedEvent[] =>
  [...DOCUMENTED, ...OLDER].reverse().map(([clock, level, source, message]) => ({
    timeMs: Date.parse(`2022-11-26T${clock}+08:00`),
    level,
    source,
    message,
  }));
