import { type ApolloClient } from "@apollo/client";
import { type TypedDocumentNode } from "@graphql-typed-document-node/core";
import { type Execute } from "../all-events.js";

/** The `execute` of `allEvents` for Apollo Client. It does not use the cache, which a whole log would fill. */
export function apolloExecute(client: ApolloClient): Execute {
  return async <Data, Variables extends object>(
    query: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ): Promise<Data> => {
    const { data } = await client.query({
      query: query,
      variables,
      fetchPolicy: "no-cache",
      errorPolicy: "none",
    });
    return data;
  };
}
