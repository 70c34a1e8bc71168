import { type ReactNode, useEffect, useRef } from "react";

/** A button that opens a small panel; Escape, a click elsewhere or `close` closes it. */
export function Menu({ label, children }: { label: string; children: (close: () => void) => ReactNode }) {
  const details = useRef<HTMLDetailsElement>(null);
  const close = (): void => {
    if (details.current?.open !== true) return;
    details.current.open = false;
    details.current.querySelector("summary")?.focus();
  };
  useEffect(() => {
    const onPress = ({ target }: MouseEvent): void => {
      const { current } = details;
      if (current?.open === true && !(target instanceof Node && current.contains(target)))
        current.open = false;
    };
    addEventListener("mousedown", onPress);
    return () => {
      removeEventListener("mousedown", onPress);
    };
  }, []);
  return (
    <details
      ref={details}
      className="menu"
      onKeyDown={({ key }) => {
        if (key === "Escape") close();
      }}
    >
      <summary>{label}</summary>
      <div className="panel">{children(close)}</div>
    </details>
  );
}
