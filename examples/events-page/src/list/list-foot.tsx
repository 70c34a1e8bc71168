import { type ChangeView } from "../use-view.js";
import { EVERYTHING, isFiltered, type View } from "../view.js";
import { type Say } from "../words.js";
import { type ListState } from "./list-state.js";

type Props = {
  readonly state: ListState;
  readonly view: View;
  readonly change: ChangeView;
  readonly say: Say;
};

/** What is below the last row: whether there is more, or why there are no rows at all. */
export function ListFoot({ state: { edges, hasOlder, loading, failure }, view, change, say }: Props) {
  const isLoading = loading === "first" || loading === "older";
  if (edges.length > 0) {
    const isEnd = failure === null && !hasOlder;
    return <p className="foot">{isLoading ? say("loading") : isEnd ? say("end") : ""}</p>;
  }
  if (isLoading) return <p className="foot alone">{say("loading")}</p>;
  if (failure !== null) return null;
  if (!isFiltered(view)) {
    return (
      <p className="foot alone">
        <strong>{say("empty")}</strong>
        {view.end === null && say("emptyHelp")}
      </p>
    );
  }
  return (
    <p className="foot alone">
      <strong>{say("noMatch")}</strong>
      <button
        onClick={() => {
          change(EVERYTHING);
        }}
      >
        {say("clear")}
      </button>
    </p>
  );
}
