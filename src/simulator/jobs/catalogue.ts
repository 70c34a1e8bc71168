/** One kind of event. `worker` is 0 to 7, `n` any integer; both only vary the text. */
export type EventKind = {
  readonly level: "Info" | "Warning" | "Error";
  readonly source: "K8S" | "K8s" | "Job" | "Task";
  readonly message: (worker: number, n: number) => string;
  /** Kubernetes' own text is not translated, so these kinds have no translation. */
  readonly messageZh?: (worker: number, n: number) => string;
};

const seconds = (n: number): string => (n / 1000).toFixed(3);

const pod = (worker: number): string => `[Pod: modelarts-job-7c2e41d0-demo-worker-${worker}]`;

/** The events before the first step of a job, in this order. */
export const OPENING: readonly EventKind[] = [
  {
    level: "Info",
    source: "Job",
    message: () => "Training job created.",
    messageZh: () => "训练作业已创建。",
  },
  {
    level: "Info",
    source: "Job",
    message: () => "Training job is queuing.",
    messageZh: () => "训练作业排队中。",
  },
  { level: "Info", source: "K8S", message: (w) => `${pod(w)} Scheduled: Successfully assigned pod to node` },
  { level: "Info", source: "K8S", message: (w) => `${pod(w)} Pulling: Pulling the training image` },
  { level: "Info", source: "K8s", message: (w) => `${pod(w)} Pulled: Successfully pulled image in 41s` },
  { level: "Info", source: "K8S", message: (w) => `${pod(w)} Started: Started container` },
  {
    level: "Info",
    source: "Task",
    message: (w) => `[worker-${w}] Environment pre-check passed.`,
    messageZh: (w) => `[worker-${w}] 环境预检通过。`,
  },
  {
    level: "Info",
    source: "Task",
    message: (w, n) => `[worker-${w}][time used: ${seconds(n)}s] Download training code finished.`,
    messageZh: (w, n) => `[worker-${w}][耗时: ${seconds(n)}s] 训练代码下载完成。`,
  },
  {
    level: "Info",
    source: "Job",
    message: () => "Training job is running.",
    messageZh: () => "训练作业运行中。",
  },
];

/** The repeated events of a running job. A kind that is listed more often occurs more often. */
export const RUNNING: readonly EventKind[] = [
  ...Array<EventKind>(6).fill({
    level: "Info",
    source: "Task",
    message: (w, n) => `[worker-${w}][time used: ${seconds(n)}s] Checkpoint ${n} saved.`,
    messageZh: (w, n) => `[worker-${w}][耗时: ${seconds(n)}s] 检查点 ${n} 已保存。`,
  }),
  ...Array<EventKind>(5).fill({
    level: "Info",
    source: "Task",
    message: (w, n) =>
      `[worker-${w}][time used: ${seconds(n)}s] Upload training output(parameter name: train_url) finished.`,
    messageZh: (w, n) => `[worker-${w}][耗时: ${seconds(n)}s] 训练输出(参数名称: train_url)上传完成。`,
  }),
  ...Array<EventKind>(4).fill({
    level: "Info",
    source: "K8S",
    message: (w, n) => `${pod(w)} NodeHealthy: Periodic check ${n} of the node passed`,
  }),
  {
    level: "Info",
    source: "Job",
    message: (_, n) => `Billing of the training job synchronised (record ${n}).`,
    messageZh: (_, n) => `训练作业计费已同步(记录 ${n})。`,
  },
  {
    level: "Warning",
    source: "K8s",
    message: (w, n) => `${pod(w)} Unhealthy: Readiness probe failed: no answer within ${n} ms`,
  },
  {
    level: "Warning",
    source: "Job",
    message: (_, n) => `Training job is suspected to hang: no output for ${n} seconds.`,
    messageZh: (_, n) => `训练作业疑似卡死: ${n} 秒没有输出。`,
  },
  {
    level: "Warning",
    source: "Task",
    message: (w, n) => `[worker-${w}] pip: retry ${n} after a broken connection to the package index.`,
    messageZh: (w, n) => `[worker-${w}] pip: 与软件源的连接中断, 第 ${n} 次重试。`,
  },
  {
    level: "Error",
    source: "K8S",
    message: (w, n) => `${pod(w)} BackOff: Back-off ${n} ms restarting failed container`,
  },
  {
    level: "Error",
    source: "Task",
    message: (w, n) => `[worker-${w}] Upload of training output failed: storage answered 503 to part ${n}.`,
    messageZh: (w, n) => `[worker-${w}] 训练输出上传失败: 存储对分片 ${n} 返回 503。`,
  },
];
