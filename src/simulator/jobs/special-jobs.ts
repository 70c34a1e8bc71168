import { type SimulatedEvent } from "./event.js";
import { GENERATED_START_MS, generateEvents } from "./generator.js";

const at = (second: number): number => GENERATED_START_MS + second * 1000;

/** 250 events of one second; every tenth row begins a run of three exact repeats. */
export const oneSecondJob = (): SimulatedEvent[] =>
  Array.from({ length: 250 }, (_, index) => {
    const step = index % 10 < 3 ? index - (index % 10) : index;
    return { timeMs: at(0), level: "Info", source: "Task", message: `[worker-0] Step ${step} logged.` };
  });

const TRACEBACK = `[worker-0] Training failed. Exit code 1.
Traceback (most recent call last):
  File "/home/ma-user/modelarts/user-job-dir/train/train.py", line 214, in <module>
    main(parse_args())
  File "/home/ma-user/modelarts/user-job-dir/train/train.py", line 187, in main
    loss.backward()
RuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB (GPU 0; 31.75 GiB total; "reserved" 30.10 GiB)`;

/** A job that fails with a traceback of several lines, quotes and angle brackets. */
export const failedJob = (): SimulatedEvent[] => [
  ...generateEvents(40),
  { timeMs: at(600), level: "Error", source: "Task", message: TRACEBACK },
  {
    timeMs: at(601),
    level: "Error",
    source: "Job",
    message: "Training job failed.",
    messageZh: "训练作业失败。",
  },
];

/** A job with Chinese messages in both languages, some with characters outside of the basic plane. */
export const chineseJob = (): SimulatedEvent[] =>
  Array.from({ length: 60 }, (_, index) => ({
    timeMs: at(Math.floor(index / 2)),
    level: index % 15 === 14 ? "Warning" : "Info",
    source: "Task",
    message: `[worker-${index % 4}] 第 ${index} 步: 损失已记录, 数据集“𠮷野家”处理完成 🚀`,
  }));

/** Undocumented values, other spellings of known values, and null fields. */
export const oddValuesJob = (): SimulatedEvent[] =>
  [
    { level: "Info", source: "Job", message: "Training job created." },
    { level: "Debug", source: "Job", message: "A level that the documentation does not know." },
    { level: "Info", source: "Volcano", message: "A source that the documentation does not know." },
    { level: null, source: "Task", message: "No level." },
    { level: "Warning", source: null, message: "No source." },
    { level: "Info", source: "K8S", message: null },
    { level: "error", source: "k8s", message: "Known words in small letters." },
    { level: "", source: "", message: "" },
  ].map((event, index) => ({ timeMs: at(index), ...event }));
