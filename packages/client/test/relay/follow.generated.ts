/**
 * @generated SignedSource<<ff0d869dfc0505a0c1901606030b4c23>>
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
    readonly caughtUp: boolean;
    readonly edges: ReadonlyArray<{
      readonly cursor: string;
      readonly node: {
        readonly level: TrainingJobEventLevel | null | undefined;
        readonly message: string;
        readonly source: TrainingJobEventSource | null | undefined;
        readonly time: string;
      };
    }>;
    readonly endCursor: string | null | undefined;
  };
};
export type listFollowSubscription = {
  response: listFollowSubscription$data;
  variables: listFollowSubscription$variables;
};

const node: ConcreteRequest = (function () {
  var v0 = {
      defaultValue: null,
      kind: "LocalArgument",
      name: "after",
    },
    v1 = {
      defaultValue: null,
      kind: "LocalArgument",
      name: "id",
    },
    v2 = {
      defaultValue: 0,
      kind: "LocalArgument",
      name: "last",
    },
    v3 = [
      {
        alias: null,
        args: [
          {
            kind: "Variable",
            name: "after",
            variableName: "after",
          },
          {
            kind: "Variable",
            name: "id",
            variableName: "id",
          },
          {
            kind: "Variable",
            name: "last",
            variableName: "last",
          },
        ],
        concreteType: "TrainingJobEventBatch",
        kind: "LinkedField",
        name: "trainingJobEvents",
        plural: false,
        selections: [
          {
            alias: null,
            args: null,
            concreteType: "TrainingJobEventEdge",
            kind: "LinkedField",
            name: "edges",
            plural: true,
            selections: [
              {
                alias: null,
                args: null,
                kind: "ScalarField",
                name: "cursor",
                storageKey: null,
              },
              {
                alias: null,
                args: null,
                concreteType: "TrainingJobEvent",
                kind: "LinkedField",
                name: "node",
                plural: false,
                selections: [
                  {
                    alias: null,
                    args: null,
                    kind: "ScalarField",
                    name: "time",
                    storageKey: null,
                  },
                  {
                    alias: null,
                    args: null,
                    kind: "ScalarField",
                    name: "level",
                    storageKey: null,
                  },
                  {
                    alias: null,
                    args: null,
                    kind: "ScalarField",
                    name: "source",
                    storageKey: null,
                  },
                  {
                    alias: null,
                    args: null,
                    kind: "ScalarField",
                    name: "message",
                    storageKey: null,
                  },
                ],
                storageKey: null,
              },
            ],
            storageKey: null,
          },
          {
            alias: null,
            args: null,
            kind: "ScalarField",
            name: "endCursor",
            storageKey: null,
          },
          {
            alias: null,
            args: null,
            kind: "ScalarField",
            name: "caughtUp",
            storageKey: null,
          },
        ],
        storageKey: null,
      },
    ];
  return {
    fragment: {
      argumentDefinitions: [v0 /*:: as any*/, v1 /*:: as any*/, v2 /*:: as any*/],
      kind: "Fragment",
      metadata: null,
      name: "listFollowSubscription",
      selections: v3 /*:: as any*/,
      type: "Subscription",
      abstractKey: null,
    },
    kind: "Request",
    operation: {
      argumentDefinitions: [v1 /*:: as any*/, v0 /*:: as any*/, v2 /*:: as any*/],
      kind: "Operation",
      name: "listFollowSubscription",
      selections: v3 /*:: as any*/,
    },
    params: {
      cacheID: "491cfb3f175d90aa864f80b83f48d731",
      id: null,
      metadata: {},
      name: "listFollowSubscription",
      operationKind: "subscription",
      text: "subscription listFollowSubscription(\n  $id: ID!\n  $after: String\n  $last: Int = 0\n) {\n  trainingJobEvents(id: $id, after: $after, last: $last) {\n    edges {\n      cursor\n      node {\n        time\n        level\n        source\n        message\n      }\n    }\n    endCursor\n    caughtUp\n  }\n}\n",
    },
  };
})();

(node as any).hash = "2dc0f85baf106fbf805fc1d38e3e950b";

export default node;
