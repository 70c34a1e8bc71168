import { type ApolloClient } from "@apollo/client";
import { type TypedDocumentNode } from "@graphql-typed-document-node/core";
import { type Execute } from "../all-events.js";

/** Lets `allEvents` query by an Apollo Client, past its cache: a whole log would fill it. */
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
