/** The text of schema/operations/follow-events.graphql. */
export const FOLLOW_EVENTS =
  "subscription FollowEvents($id: ID!, $projectId: ID, $filter: TrainingJobEventFilter, $after: String, $last: Int = 0) {\n  trainingJobEvents(\n    id: $id\n    projectId: $projectId\n    filter: $filter\n    after: $after\n    last: $last\n  ) {\n    edges {\n      cursor\n      node {\n        ...EventRow\n      }\n    }\n    endCursor\n    caughtUp\n  }\n}\n\nfragment EventRow on TrainingJobEvent {\n  time\n  level\n  source\n  message\n}";
