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
    controller.current = new AbortController();
    setShare(0);
    setFailure("");
    try {
      await download(list, format, controller.current.signal, setShare);
    } catch (error) {
      setFailure(adviceFor(error).error?.message ?? say("report"));
    } finally {
      setShare(null);
    }
  };
  if (share !== null) {
    return (
      <span className="progress">
        <progress value={share} aria-label={say("download")} /> {say("downloading", Math.floor(share * 100))}
        <button onClick={() => controller.current?.abort()}>{say("cancel")}</button>
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
