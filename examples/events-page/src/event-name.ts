import { type Edge } from "./event-list.js";

/** The text by which a link names an event. */
export function nameOf({ node }: Edge): string {
  return `${node.time} ${node.message.slice(0, 80)}`;
}
