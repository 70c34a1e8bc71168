import { readFileSync, writeFileSync } from "node:fs";
import { composeServices } from "@theguild/federation-composition";
import { parse } from "graphql";
import { JOBS_SDL } from "./jobs.js";

/** The events gateway's schema for supergraphs. */
const EVENTS_SDL = readFileSync(new URL("../../schema/schema.graphql", import.meta.url), "utf8");

/**
 * Composes the two subgraphs.
 * @param {{ eventsUrl: string, jobsUrl: string }} urls
 * @returns {string} the supergraph's SDL
 * @throws {AggregateError} with the errors of the composition
 */
export function compose({ eventsUrl, jobsUrl }) {
  const { supergraphSdl, errors } = composeServices([
    { name: "events", typeDefs: parse(EVENTS_SDL), url: eventsUrl },
    { name: "jobs", typeDefs: parse(JOBS_SDL), url: jobsUrl },
  ]);
  if (!supergraphSdl) throw new AggregateError(errors ?? [], "The subgraphs do not compose.");
  return supergraphSdl;
}

// `node compose.js` writes supergraph.graphql for the default ports.
if (import.meta.filename === process.argv[1]) {
  const eventsUrl = process.env.EVENTS_URL ?? "http://127.0.0.1:4001/graphql";
  const jobsUrl = process.env.JOBS_URL ?? "http://127.0.0.1:4002/graphql";
  writeFileSync("supergraph.graphql", compose({ eventsUrl, jobsUrl }));
  console.log("supergraph.graphql is written.");
}
