import { ApolloClient, HttpLink, InMemoryCache } from "@apollo/client";
import { Client, fetchExchange } from "@urql/core";
import { GraphQLClient } from "graphql-request";
import { type Execute } from "modelarts-events-client";
import { apolloExecute } from "modelarts-events-client/apollo";
import { Environment, Network, RecordSource, Store, type GraphQLResponse } from "relay-runtime";
import { eventsHandlerProvider, subscribeWith, throwOnErrors } from "modelarts-events-client/relay";
import { type LiveClient } from "modelarts-events-client";

/** `allEvents` over the real clients, each as its documentation creates it. */
export const EXECUTES: readonly [string, (url: string) => Execute][] = [
  [
    "Apollo Client",
    (uri) => apolloExecute(new ApolloClient({ link: new HttpLink({ uri }), cache: new InMemoryCache() })),
  ],
  [
    "urql",
    (url) => {
      const client = new Client({ url, exchanges: [fetchExchange], preferGetMethod: false });
      return async (document, variables) => {
        const { data, error } = await client.query(document, variables).toPromise();
        if (error) throw error;
        if (data === undefined) throw new Error("urql gave neither data nor an error.");
        return data;
      };
    },
  ],
  [
    "graphql-request",
    (url) => {
      const client = new GraphQLClient(url);
      return (document, variables) => client.request({ document, variables } as never);
    },
  ],
];

/** A Relay environment; `isHelped` says whether the package's network functions are used. */
export function relayEnvironment(
  url: string,
  live: LiveClient,
  isHelped = true,
  send: typeof fetch = fetch,
): Environment {
  const post = async ({ text }: { text: string | null }, variables: object): Promise<GraphQLResponse> => {
    const response = await send(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: text, variables }),
    });
    return (await response.json()) as GraphQLResponse;
  };
  return new Environment({
    network: Network.create(isHelped ? throwOnErrors(post) : post, subscribeWith(live)),
    store: new Store(new RecordSource()),
    ...(isHelped && { handlerProvider: eventsHandlerProvider }),
  });
}

/** A `fetch` that answers a request which it has sent before by the answer from then, as a cache that is behind does. */
export function staleFetch(): typeof fetch {
  const answers = new Map<string, string>();
  return async (input, init) => {
    const key = typeof init?.body === "string" ? init.body : "";
    const answer = answers.get(key) ?? (await (await fetch(input, init)).text());
    answers.set(key, answer);
    return new Response(answer, { headers: { "content-type": "application/json" } });
  };
}
