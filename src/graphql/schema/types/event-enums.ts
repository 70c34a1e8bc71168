import { registerEnumType } from "type-graphql";
import { type Order } from "../../../paging/arguments.js";
import { type Level, type Source } from "../../../training-job-event.js";

// The values inside the gateway equal their names in the schema, so filters and rows need no mapping.

export const TrainingJobEventLevel = { INFO: "INFO", WARNING: "WARNING", ERROR: "ERROR" } as const satisfies {
  [K in Level]: K;
};

export const TrainingJobEventSource = { K8S: "K8S", JOB: "JOB", TASK: "TASK" } as const satisfies {
  [K in Source]: K;
};

export const TrainingJobEventOrder = {
  NEWEST_FIRST: "NEWEST_FIRST",
  OLDEST_FIRST: "OLDEST_FIRST",
} as const satisfies { [K in Order]: K };

registerEnumType(TrainingJobEventLevel, {
  name: "TrainingJobEventLevel",
  description: "The severity of an event.",
  valuesConfig: {
    INFO: { description: "Progress. No action is needed." },
    WARNING: { description: "A condition that may need attention, such as a retry." },
    ERROR: { description: "A failure." },
  },
});

registerEnumType(TrainingJobEventSource, {
  name: "TrainingJobEventSource",
  description: "The component that wrote an event.",
  valuesConfig: {
    K8S: { description: "The Kubernetes cluster that runs the job: scheduling, images, pods." },
    JOB: { description: "The life cycle of the job as a whole." },
    TASK: { description: "One task (worker) of the job." },
  },
});

registerEnumType(TrainingJobEventOrder, {
  name: "TrainingJobEventOrder",
  description: "The order of a list of events. Cursors are valid in both orders.",
  valuesConfig: {
    NEWEST_FIRST: { description: "The latest event comes first." },
    OLDEST_FIRST: { description: "The earliest event comes first." },
  },
});
