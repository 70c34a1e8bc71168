/**
 * @generated SignedSource<<654061f33f5d26e818f923ad97bb62e0>>
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import { type ConcreteRequest } from "relay-runtime";
export type TrainingJobEventLevel = "ERROR" | "INFO" | "WARNING";
export type TrainingJobEventSource = "JOB" | "K8S" | "TASK";
export type listFollowSubscription$variables = {
  after?: string | null | undefined;
  id: string;
  last?: number | null | undefined;
};
export type listFollowSubscription$data = {
  readonly trainingJobEvents: {
    readonly asOf: string;
    readonly caughtUp: boolean;
    readonly edges: ReadonlyArray<{
      readonly cursor: string;
      readonly node: {
        readonly id: string;
        readonly level: TrainingJobEventLevel | null | undefined;
        readonly message: string;
        readonly source: TrainingJobEventSource | null | undefined;
        readonly time: string;
      };
    }>;
    readonly endCursor: string | null | undefined;
    readonly isStale: boolean;
    readonly lateEdges: ReadonlyArray<{
      readonly cursor: string;
      readonly node: {
        readonly id: string;
        readonly level: TrainingJobEventLevel | null | undefined;
        readonly message: string;
        readonly source: TrainingJobEventSource | null | undefined;
        readonly time: string;
      };
    }>;
    readonly missed: number;
  };
};
export type listFollowSubscription = {
  response: listFollowSubscription$data;
  variables: listFollowSubscription$variables;
};

const node: ConcreteRequest = (function(){
var v0 = {
  "defaultValue": null,
  "kind": "LocalArgument",
  "name": "after"
},
v1 = {
  "defaultValue": null,
  "kind": "LocalArgument",
  "name": "id"
},
v2 = {
  "defaultValue": 0,
  "kind": "LocalArgument",
  "name": "last"
},
v3 = [
  {
    "alias": null,
    "args": null,
    "kind": "ScalarField",
    "name": "cursor",
    "storageKey": null
  },
  {
    "alias": null,
    "args": null,
    "concreteType": "TrainingJobEvent",
    "kind": "LinkedField",
    "name": "node",
    "plural": false,
    "selections": [
      {
        "alias": null,
        "args": null,
        "kind": "ScalarField",
        "name": "id",
        "storageKey": null
      },
      {
        "alias": null,
        "args": null,
        "kind": "ScalarField",
        "name": "time",
        "storageKey": null
      },
      {
        "alias": null,
        "args": null,
        "kind": "ScalarField",
        "name": "level",
        "storageKey": null
      },
      {
        "alias": null,
        "args": null,
        "kind": "ScalarField",
        "name": "source",
        "storageKey": null
      },
      {
        "alias": null,
        "args": null,
        "kind": "ScalarField",
        "name": "message",
        "storageKey": null
      }
    ],
    "storageKey": null
  }
],
v4 = [
  {
    "alias": null,
    "args": [
      {
        "kind": "Variable",
        "name": "after",
        "variableName": "after"
      },
      {
        "kind": "Variable",
        "name": "id",
        "variableName": "id"
      },
      {
        "kind": "Variable",
        "name": "last",
        "variableName": "last"
      }
    ],
    "concreteType": "TrainingJobEventBatch",
    "kind": "LinkedField",
    "name": "trainingJobEvents",
    "plural": false,
    "selections": [
      {
        "alias": null,
        "args": null,
        "concreteType": "TrainingJobEventEdge",
        "kind": "LinkedField",
        "name": "edges",
        "plural": true,
        "selections": (v3/*:: as any*/),
        "storageKey": null
      },
      {
        "alias": null,
        "args": null,
        "concreteType": "TrainingJobEventEdge",
        "kind": "LinkedField",
        "name": "lateEdges",
        "plural": true,
        "selections": (v3/*:: as any*/),
        "storageKey": null
      },
      {
        "alias": null,
        "args": null,
        "kind": "ScalarField",
        "name": "missed",
        "storageKey": null
      },
      {
        "alias": null,
        "args": null,
        "kind": "ScalarField",
        "name": "endCursor",
        "storageKey": null
      },
      {
        "alias": null,
        "args": null,
        "kind": "ScalarField",
        "name": "caughtUp",
        "storageKey": null
      },
      {
        "alias": null,
        "args": null,
        "kind": "ScalarField",
        "name": "asOf",
        "storageKey": null
      },
      {
        "alias": null,
        "args": null,
        "kind": "ScalarField",
        "name": "isStale",
        "storageKey": null
      }
    ],
    "storageKey": null
  }
];
return {
  "fragment": {
    "argumentDefinitions": [
      (v0/*:: as any*/),
      (v1/*:: as any*/),
      (v2/*:: as any*/)
    ],
    "kind": "Fragment",
    "metadata": null,
    "name": "listFollowSubscription",
    "selections": (v4/*:: as any*/),
    "type": "Subscription",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": [
      (v1/*:: as any*/),
      (v0/*:: as any*/),
      (v2/*:: as any*/)
    ],
    "kind": "Operation",
    "name": "listFollowSubscription",
    "selections": (v4/*:: as any*/)
  },
  "params": {
    "cacheID": "b67d91cf579544e6165b981bf7d28572",
    "id": null,
    "metadata": {},
    "name": "listFollowSubscription",
    "operationKind": "subscription",
    "text": "subscription listFollowSubscription(\n  $id: ID!\n  $after: String\n  $last: Int = 0\n) {\n  trainingJobEvents(id: $id, after: $after, last: $last) {\n    edges {\n      cursor\n      node {\n        id\n        time\n        level\n        source\n        message\n      }\n    }\n    lateEdges {\n      cursor\n      node {\n        id\n        time\n        level\n        source\n        message\n      }\n    }\n    missed\n    endCursor\n    caughtUp\n    asOf\n    isStale\n  }\n}\n"
  }
};
})();

(node as any).hash = "c48670bc2df3656cbcc8d89dbabd2ad4";

export default node;
