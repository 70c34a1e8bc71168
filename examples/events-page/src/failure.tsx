import { type Advice } from "modelarts-events-client";
import { useEffect, useState } from "react";
import { setToken } from "./gateway.js";
import { type Say } from "./words.js";

type Props = { readonly advice: Advice; readonly say: Say; readonly again: () => void };

/** What went wrong, and what a person can do about it. */
export function Failure({ advice, say, again }: Props) {
  const { action, error } = advice;
  const afterMs = action === "retry" ? advice.afterMs : null;
  useEffect(() => {
    if (afterMs === null) return;
    const timer = setTimeout(again, Math.max(5_000, afterMs));
    return () => {
      clearTimeout(timer);
    };
  }, [afterMs, again]);
  const texts = {
    retry: say("retryAdvice"),
    "sign-in": say("signIn"),
    "tell-user": error?.modelArts?.errorMsg ?? "",
    report: say("report"),
    restart: say("restart"),
    resume: say("restart"),
  };
  return (
    <section className="failure" role="alert">
      <p>
        <strong>{error?.message ?? say("retryAdvice")}</strong> {error === null ? "" : texts[action]}
      </p>
      {action === "sign-in" ? (
        <SignIn say={say} again={again} />
      ) : (
        <button onClick={again}>{say("retry")}</button>
      )}
    </section>
  );
}

function SignIn({ say, again }: Omit<Props, "advice">) {
  const [token, change] = useState("");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setToken(token.trim());
        again();
      }}
    >
      <input
        type="password"
        autoComplete="off"
        aria-label={say("token")}
        value={token}
        onChange={(event) => {
          change(event.target.value);
        }}
      />
      <button type="submit">{say("useToken")}</button>
    </form>
  );
}
