import { adviceFor } from "modelarts-events-client";
import { useRef, useState } from "react";
import { type EventList } from "../list/event-list.js";
import { type Say } from "../words.js";
import { download, type Format } from "./download.js";
import { Menu } from "./menu.js";

export function DownloadMenu({ list, say }: { readonly list: EventList; readonly say: Say }) {
  const [share, setShare] = useState<number | null>(null);
  const [failure, setFailure] = useState("");
  const controller = useRef<AbortController | null>(null);
  const start = async (format: Format): Promise<void> => {
    const own = new AbortController();
    controller.current = own;
    const show = (next: number | null): void => {
      if (!own.signal.aborted) setShare(next);
    };
    show(0);
    setFailure("");
    try {
      await download(list, format, own.signal, show);
    } catch (error) {
      if (!own.signal.aborted) setFailure(say.error(adviceFor(error).error) ?? say("report"));
    } finally {
      show(null);
    }
  };
  const cancel = (): void => {
    controller.current?.abort();
    // Without waiting for the page that is on its way.
    setShare(null);
  };
  if (share !== null) {
    return (
      <span className="progress">
        <progress value={share} aria-label={say("download")} /> {say("downloading", Math.floor(share * 100))}
        <button onClick={cancel}>{say("cancel")}</button>
      </span>
    );
  }
  return (
    <>
      <Menu label={say("download")}>
        {(close) =>
          (["ndjson", "csv"] as const).map((format) => (
            <button
              key={format}
              onClick={() => {
                close();
                void start(format);
              }}
            >
              {format.toUpperCase()}
            </button>
          ))
        }
      </Menu>
      {failure !== "" && <span role="alert">{failure}</span>}
    </>
  );
}
