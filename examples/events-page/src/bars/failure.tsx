import { type Advice } from "modelarts-events-client";
import { useEffect, useState } from "react";
import { tokens } from "../token.js";
import { type Say } from "../words.js";

type Props = {
  readonly advice: Advice;
  readonly say: Say;
  /** Whether there is nothing else to show. */
  readonly isAlone: boolean;
  /** Repeats the step that failed. */
  readonly again: () => void;
  /** Opens the newest events: for a place in the log that is gone. */
  readonly toNewest: () => void;
};

const SHORTEST_WAIT_MS = 5_000;

/** What went wrong, and what a person can do about it. */
export function Failure({ advice, say, isAlone, again, toNewest }: Props) {
  const { action, error } = advice;
  useEffect(() => {
    if (advice.action !== "retry") return;
    const timer = setTimeout(again, Math.max(SHORTEST_WAIT_MS, advice.afterMs));
    return () => {
      clearTimeout(timer);
    };
  }, [advice, again]);
  if (action === "sign-in") return <SignIn say={say} onToken={again} />;
  const texts = {
    retry: say("retryAdvice"),
    "tell-user": error?.modelArts?.errorMsg ?? "",
    report: say("report"),
    restart: say("restart"),
    resume: say("restart"),
  };
  const isPlaceGone = action === "restart" || action === "resume";
  return (
    <section className={isAlone ? "failure alone" : "failure"} role="alert">
      <p>
        <strong>{say.error(error) ?? say("noConnection")}</strong> {texts[action]}
      </p>
      <button onClick={isPlaceGone ? toNewest : again}>{say(isPlaceGone ? "newer" : "retry")}</button>
    </section>
  );
}

/** Asks for a token; every tab of the page gets it. */
export function SignIn({ say, onToken }: { readonly say: Say; readonly onToken?: () => void }) {
  const [token, change] = useState("");
  return (
    <section className="failure" role="alert">
      <p>{say("signIn")}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          tokens.set(token.trim());
          onToken?.();
        }}
      >
        <input
          type="password"
          autoComplete="off"
          aria-label={say("token")}
          placeholder={say("token")}
          value={token}
          onChange={(event) => {
            change(event.target.value);
          }}
        />
        <button type="submit">{say("useToken")}</button>
      </form>
    </section>
  );
}
