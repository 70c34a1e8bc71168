import { ApolloServer, type ApolloServerOptions } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from "@apollo/server/plugin/disabled";
import { type DocumentNode, type GraphQLSchema, type ValidationRule } from "graphql";
import { createBoundedStore } from "./bounded-store.js";
import { cacheExtension } from "./cache-extension.js";
import { subscriptionRootDirectives } from "./subscription-root-directives.js";
import { type OperationContext } from "./context.js";
import { errorFormatter } from "./format-error.js";
import { MAX_TOKENS, operationLimits } from "./limits.js";
import { liveOperations } from "./live/live-operations.js";
import { type FaultListener, faultReporting } from "./fault-reporting.js";
import { type PlanOf } from "./plan/plan.js";
import { type NoPlanReason } from "./plan/unplannable.js";
import { compiledResponses, writeResult } from "./plan/compiled-responses.js";
import { noServiceSdl } from "./protocol-rules.js";

export type ApolloServerSettings = {
  readonly schema: GraphQLSchema;
  /** Whether clients may learn the schema: `__schema`, `_service { sdl }`, and suggestions in errors. */
  readonly introspection: boolean;
  /** More than this many possible upstream calls, and an operation is refused before it runs. */
  readonly maxUpstreamCalls: number;
  readonly planOf: PlanOf;
  /** For Apollo Server's own lines. */
  readonly logger: NonNullable<ApolloServerOptions<OperationContext>["logger"]>;
  readonly onFault: FaultListener;
  /** Is called for each operation that has no compiled plan, with the reason. */
  readonly onUnplanned: (reason: NoPlanReason) => void;
};

/**
 * Bound of the validated documents kept, in characters of their text: about 870 everyday queries. A character
 * takes 80 bytes as a parsed document, 220 in the worst case, so they stay under 60 MB.
 */
const DOCUMENTS_MAX_CHARS = 262_144;

/** Bound of the persisted queries' texts, in characters. */
const PERSISTED_QUERIES_MAX_CHARS = 4_194_304;

/** Validation rules beside GraphQL's own. */
function validationRules({ introspection }: { readonly introspection: boolean }): ValidationRule[] {
  return introspection ? [operationLimits] : [operationLimits, noServiceSdl];
}

/** Apollo Server over the gateway's schema, not started yet; nothing of it is left to `NODE_ENV`. */
export function createApolloServer(settings: ApolloServerSettings): ApolloServer<OperationContext> {
  const { introspection, logger, maxUpstreamCalls, onFault, onUnplanned, planOf, schema } = settings;
  return new ApolloServer<OperationContext>({
    schema,
    stringifyResult: writeResult,
    introspection,
    logger,
    nodeEnv: "production",
    includeStacktraceInErrorResponses: false,
    formatError: errorFormatter({ hideNames: !introspection }),
    parseOptions: { maxLexicalTokens: MAX_TOKENS },
    validationRules: validationRules({ introspection }),
    documentStore: createBoundedStore<DocumentNode>(DOCUMENTS_MAX_CHARS, ({ loc }) => loc?.end ?? 0),
    cache: createBoundedStore<string>(PERSISTED_QUERIES_MAX_CHARS, (text) => text.length),
    allowBatchedHttpRequests: false,
    // GET by unmodified clients is served; the HTTP server refuses what other sites' pages send.
    csrfPrevention: false,
    stopOnTerminationSignals: false,
    plugins: [
      // Its field hooks cost a quarter of a hot request and every other speed-up of the execution.
      ApolloServerPluginCacheControlDisabled(),
      // A subgraph's schema turns it on.
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      cacheExtension(),
      subscriptionRootDirectives(),
      faultReporting(onFault),
      // After the guard: what is no query is refused as such.
      compiledResponses(schema, maxUpstreamCalls, planOf, onFault, onUnplanned),
      // After the admission: what it hands on may run.
      liveOperations(),
    ],
  });
}
