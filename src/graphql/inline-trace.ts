import { type ApolloServerPlugin } from "@apollo/server";
import { GraphQLError } from "graphql";
import { type OperationContext } from "./context.js";
import { type errorFormatter } from "./format-error.js";

/** The header with which a router asks for a trace; its value is `ftv1`. */
export const TRACE_HEADER = "apollo-federation-include-trace";

/**
 * Apollo Server's plugin for the inline trace of federation: `extensions.ftv1` for a request with the header. It is
 * loaded by the first such request, and has no cost for other requests.
 * @param format the format of errors in answers; the trace has the same messages and extensions
 */
export function inlineTrace(format: ReturnType<typeof errorFormatter>): ApolloServerPlugin<OperationContext> {
  // The plugin passes copies to `transform`. They lack the original error, but share the extensions.
  const encountered = new WeakMap<object, GraphQLError>();
  const transform = (copy: GraphQLError): GraphQLError => {
    const error = encountered.get(copy.extensions) ?? copy;
    const { message, extensions } = format(error.toJSON(), error);
    const shown = { ...extensions };
    // Apollo Server's own field, which it removes from the errors of answers.
    delete shown["http"];
    return new GraphQLError(message, { extensions: shown });
  };
  const load = async (): Promise<ApolloServerPlugin> => {
    const { ApolloServerPluginInlineTrace } = await import("@apollo/server/plugin/inlineTrace");
    return ApolloServerPluginInlineTrace({ includeErrors: { transform } });
  };
  let loaded: Promise<ApolloServerPlugin> | null = null;
  return {
    requestDidStart: async (started) => {
      if (started.request.http?.headers.get(TRACE_HEADER) !== "ftv1") return;
      loaded ??= load();
      const listener = (await (await loaded).requestDidStart?.(started)) ?? {};
      return {
        ...listener,
        didEncounterErrors: async (failed) => {
          for (const error of failed.errors) encountered.set(error.extensions, error);
          await listener.didEncounterErrors?.(failed);
        },
      };
    },
  };
}
