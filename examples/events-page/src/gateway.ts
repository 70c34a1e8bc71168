import { ApolloClient, HttpLink, InMemoryCache } from "@apollo/client";
import { createClient } from "graphql-ws";
import { adviceFor, type Execute, type LiveClient } from "modelarts-events-client";
import { apolloExecute, eventTypePolicies, gatewayLink } from "modelarts-events-client/apollo";
import { tokens } from "./token.js";

/** The gateway's GraphQL path: two levels up from /events/{jobId}, so a common path prefix is allowed. */
const ENDPOINT = new URL("../graphql", location.href).href;

export type Gateway = {
  readonly execute: Execute;
  readonly live: LiveClient;
  /** For `followEvents`: waits until the user has entered another token. */
  readonly renewToken: () => Promise<void>;
  close(): void;
};

function headers(language: string, token: string): Record<string, string> {
  const isJwt = token.split(".").length === 3;
  return {
    "X-Language": language,
    ...(token !== "" && (isJwt ? { Authorization: `Bearer ${token}` } : { "X-Auth-Token": token })),
  };
}

export function connect(language: string): Gateway {
  const http = new HttpLink({
    uri: ENDPOINT,
    fetch: (input, init) => fetch(input, withHeaders(init ?? {}, headers(language, tokens.current()))),
  });
  const apollo = new ApolloClient({
    link: gatewayLink({ maxRetries: 2 }).concat(http),
    cache: new InMemoryCache({ typePolicies: eventTypePolicies() }),
  });
  let liveToken = "";
  const live = createClient({
    url: ENDPOINT.replace(/^http/, "ws"),
    retryAttempts: 0,
    connectionParams: () => {
      liveToken = tokens.current();
      return headers(language, liveToken);
    },
  });
  return {
    execute: signingIn(apolloExecute(apollo)),
    live,
    renewToken: () => tokens.renewed(liveToken),
    close: () => {
      apollo.stop();
      void live.dispose();
    },
  };
}

/** If the current token is refused, retries a query once with another token. */
function signingIn(execute: Execute): Execute {
  return async (document, variables) => {
    const token = tokens.current();
    try {
      return await execute(document, variables);
    } catch (failure) {
      if (token === "" || adviceFor(failure).action !== "sign-in") throw failure;
      await tokens.renewed(token);
      return execute(document, variables);
    }
  };
}

function withHeaders(init: RequestInit, added: Record<string, string>): RequestInit {
  const all = new Headers(init.headers);
  for (const [name, value] of Object.entries(added)) all.set(name, value);
  return { ...init, headers: all };
}
