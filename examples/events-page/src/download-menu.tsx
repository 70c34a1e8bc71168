import { adviceFor } from "modelarts-events-client";
import { useRef, useState } from "react";
import { download, type Format } from "./download.js";
import { type EventList } from "./event-list.js";
import { type Say } from "./words.js";

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
    <span className="downloads" role="group" aria-label={say("download")}>
      {say("download")}
      {(["ndjson", "csv"] as const).map((format) => (
        <button
          key={format}
          onClick={() => {
            start(format).catch((failure: unknown) => {
              setFailure(adviceFor(failure).error?.message ?? say("report"));
            });
          }}
        >
          {format.toUpperCase()}
        </button>
      ))}
      {failure !== "" && <span role="alert">{failure}</span>}
    </span>
  );
}
