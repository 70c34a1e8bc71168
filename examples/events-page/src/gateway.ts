import { ApolloClient, HttpLink, InMemoryCache } from "@apollo/client";
import { createClient } from "graphql-ws";
import { type Execute, type LiveClient } from "modelarts-events-client";
import { apolloExecute, eventTypePolicies, gatewayLink } from "modelarts-events-client/apollo";

/** The gateway's graph: two levels up from /events/{jobId}, whatever path is before both. */
const ENDPOINT = new URL("../graphql", location.href).href;
const TOKEN = "events-page-token";

export type Gateway = { readonly execute: Execute; readonly live: LiveClient; close(): void };

/** A token of ModelArts, or a JWT, which has two dots. It stays in this tab. */
export function setToken(token: string): void {
  sessionStorage.setItem(TOKEN, token);
}

function headers(language: string): Record<string, string> {
  const token = sessionStorage.getItem(TOKEN) ?? "";
  const isJwt = token.split(".").length === 3;
  return {
    "X-Language": language,
    ...(token !== "" && (isJwt ? { Authorization: `Bearer ${token}` } : { "X-Auth-Token": token })),
  };
}

export function connect(language: string): Gateway {
  const http = new HttpLink({
    uri: ENDPOINT,
    fetch: (input, init) => fetch(input, withHeaders(init ?? {}, headers(language))),
  });
  const apollo = new ApolloClient({
    link: gatewayLink({ maxRetries: 2 }).concat(http),
    cache: new InMemoryCache({ typePolicies: eventTypePolicies() }),
  });
  const live = createClient({
    url: ENDPOINT.replace(/^http/, "ws"),
    retryAttempts: 0,
    connectionParams: () => headers(language),
  });
  return {
    execute: apolloExecute(apollo),
    live,
    close: () => {
      apollo.stop();
      void live.dispose();
    },
  };
}

function withHeaders(init: RequestInit, added: Record<string, string>): RequestInit {
  const all = new Headers(init.headers);
  for (const [name, value] of Object.entries(added)) all.set(name, value);
  return { ...init, headers: all };
}
