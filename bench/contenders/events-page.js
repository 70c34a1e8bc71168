/** Shared by the contenders: reads a page of the upstream by offset and limit, and makes their offset cursors. */

export const upstream = process.env.UPSTREAM ?? "";
export const ttlSeconds = Number(process.env.TTL_SECONDS ?? 60);

/** Path and query of one page, and where it begins. */
export function pageRequest(id, { first, after, order }) {
  const offset = after ? Number(Buffer.from(after, "base64url").toString()) + 1 : 0;
  const direction = order === "OLDEST_FIRST" ? "asc" : "desc";
  const path = `v2/demo-project/training-jobs/${encodeURIComponent(id)}/events`;
  return { path, query: { offset: String(offset), limit: String(first), order: direction }, offset };
}

export async function fetchPage({ path, query }) {
  const response = await fetch(`${upstream}/${path}?${new URLSearchParams(query)}`);
  if (!response.ok) throw new Error(`The upstream answered ${response.status}`);
  return response.json();
}

export const cursorOf = (ordinal) => Buffer.from(String(ordinal)).toString("base64url");
export const timeOf = (text) => new Date(text).toISOString();
export const enumOf = (word) => word?.toUpperCase() ?? null;

/** The complete connection, so that the execution only reads properties. */
export function shapePage({ total, events }, offset) {
  const edges = events.map((event, index) => ({
    cursor: cursorOf(offset + index),
    node: {
      time: timeOf(event.time),
      level: enumOf(event.level),
      source: enumOf(event.source),
      message: event.message,
    },
  }));
  return {
    totalCount: total,
    pageInfo: {
      hasNextPage: offset + events.length < total,
      hasPreviousPage: offset > 0,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    edges,
  };
}
