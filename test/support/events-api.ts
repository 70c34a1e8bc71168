/** One event as the events API writes it. */
export type WireEvent = {
  readonly time: string;
  readonly level: string | null;
  readonly source: string | null;
  readonly message: string | null;
};

/** One page as the events API writes it; on an error, the fields of the error. */
export type WirePage = {
  readonly total: number;
  readonly limit: number;
  readonly offset: number;
  readonly order: string;
  readonly start_time?: string;
  readonly end_time?: string;
  readonly events: readonly WireEvent[];
  readonly error_code?: string;
  readonly error_msg?: string;
};

/** The path of the events of a job. */
export const eventsUrl = (
  base: string,
  jobId: string,
  query: Readonly<Record<string, string | number>> = {},
  projectId = "demo-project",
): string => {
  const text = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
  return `${base}/v2/${projectId}/training-jobs/${jobId}/events?${text}`;
};

/** Asks the events API once, as a plain client does. */
export const getEvents = async (
  base: string,
  jobId: string,
  query: Readonly<Record<string, string | number>> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; headers: Headers; page: WirePage }> => {
  const response = await fetch(eventsUrl(base, jobId, query), { headers });
  return { status: response.status, headers: response.headers, page: (await response.json()) as WirePage };
};

/** Reads a whole log oldest first, page by page. */
export const walk = async (base: string, jobId: string, limit = 100): Promise<WireEvent[]> => {
  const events: WireEvent[] = [];
  for (;;) {
    const { page } = await getEvents(base, jobId, { order: "asc", offset: events.length, limit });
    events.push(...page.events);
    if (page.events.length < limit) return events;
  }
};
