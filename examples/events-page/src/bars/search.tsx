import { useEffect, useRef, useState } from "react";
import { type ChangeView } from "../use-view.js";
import { type View } from "../view.js";
import { type Say } from "../words.js";

type Props = { readonly view: View; readonly change: ChangeView; readonly say: Say };

/** ModelArts distinguishes upper and lower case. The search starts when the user stops typing. */
export function Search({ view, change, say }: Props) {
  const [text, setText] = useState(view.text);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    setText(view.text);
  }, [view.text]);
  useEffect(() => {
    if (text === view.text) return;
    const timer = setTimeout(() => {
      change({ text });
    }, 400);
    return () => {
      clearTimeout(timer);
    };
  }, [text, view.text, change]);
  useEffect(() => {
    const focus = (event: KeyboardEvent): void => {
      if (event.key !== "/" || event.target instanceof HTMLInputElement) return;
      event.preventDefault();
      field.current?.focus();
    };
    addEventListener("keydown", focus);
    return () => {
      removeEventListener("keydown", focus);
    };
  }, []);
  return (
    <input
      ref={field}
      type="search"
      className="search"
      maxLength={256}
      placeholder={say("search")}
      aria-label={say("search")}
      value={text}
      onKeyDown={({ key }) => {
        if (key === "Escape") field.current?.blur();
      }}
      onChange={({ target }) => {
        setText(target.value);
      }}
    />
  );
}
