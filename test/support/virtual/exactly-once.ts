import { type EventEdge } from "../../../src/paging/connection.js";
import { type EventFilterInput, parseFilter } from "../../../src/paging/filter.js";
import { type SimulatedEvent } from "../../../src/simulator/jobs/event.js";
import { type Played } from "./scenario.js";

/** The fields of an event that are the same in every language. */
export function seenAs({ timeMs, level, source, message }: SimulatedEvent): string {
  const text = message?.slice(-1) ?? "";
  return `${new Date(timeMs).toISOString()} ${level ?? ""} ${source ?? ""} ${text}`.toUpperCase();
}

export function matches({ level, source }: SimulatedEvent, input: EventFilterInput | null): boolean {
  const { levels, sources } = parseFilter(input);
  return (
    (levels === null || levels.some((wanted) => wanted === level?.toUpperCase())) &&
    (sources === null || sources.some((wanted) => wanted === source?.toUpperCase()))
  );
}

/** The same of an event as it is shown. */
export function shownAs({ node }: EventEdge): string {
  return `${node.time} ${node.level ?? ""} ${node.source ?? ""} ${node.message.slice(-1)}`;
}

function count(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

/** Events that a walk missed or returned too often. Of exact repeats only the number is compared. */
export function faultsOf(
  { met, survivors, ever }: Pick<Played, "met" | "survivors" | "ever">,
  filter: EventFilterInput | null,
): string[] {
  const shown = met.map(shownAs);
  const seen = count(shown);
  const least = count(survivors.filter((row) => matches(row, filter)).map(seenAs));
  const most = count(ever.filter((row) => matches(row, filter)).map(seenAs));
  return [
    ...[...least].filter(([text, times]) => (seen.get(text) ?? 0) < times).map(([text]) => `lost: ${text}`),
    ...[...seen]
      .filter(([text, times]) => times > (most.get(text) ?? 0))
      .map(([text]) => `repeated: ${text}`),
  ];
}
