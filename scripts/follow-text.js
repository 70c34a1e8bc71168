// A plugin for GraphQL Code Generator: the text of the operation FollowEvents with its fragments. Live clients need the
// text, and graphql's printer would double the size of the client package.
import { concatAST, print, visit } from "graphql";

export function plugin(_schema, documents) {
  const all = concatAST(documents.map(({ document }) => document));
  const named = new Map(all.definitions.map((definition) => [definition.name.value, definition]));
  const used = new Set();
  const use = (name) => {
    if (used.has(name)) return;
    used.add(name);
    visit(named.get(name), { FragmentSpread: (spread) => use(spread.name.value) });
  };
  use("FollowEvents");
  const text = [...used].map((name) => print(named.get(name))).join("\n\n");
  return `/** The text of schema/operations/follow-events.graphql. */\nexport const FOLLOW_EVENTS = ${JSON.stringify(text)};\n`;
}
