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
import { completeAnswers } from "./complete-answers.js";
import { subscriptionRootDirectives } from "./subscription-root-directives.js";
import { type OperationContext } from "./context.js";
import { errorFormatter, type FaultListener } from "./format-error.js";
import { inlineTrace } from "./inline-trace.js";
import { MAX_TOKENS, operationLimits } from "./limits.js";
import { liveOperations } from "./live/live-operations.js";
import { type PlanOf } from "./plan/plan.js";
import { type NoPlanReason } from "./plan/unplannable.js";
import { compiledResponses, writeResult } from "./plan/compiled-responses.js";
import { noServiceSdl } from "./protocol-rules.js";
import { onlyTrusted } from "./trusted/only-trusted.js";
import { type TrustedDocuments } from "./trusted/trusted-documents.js";

export type ApolloServerSettings = {
  readonly schema: GraphQLSchema;
  /** Whether clients may read the schema: `__schema`, `_service { sdl }`, and suggestions in errors. */
  readonly introspection: boolean;
  /** The maximum number of upstream calls that an operation may need; others are refused before they run. */
  readonly maxUpstreamCalls: number;
  readonly planOf: PlanOf;
  /** The only documents that may run; null where every document may. */
  readonly trusted: TrustedDocuments | null;
  /** The logger for Apollo Server's own lines. */
  readonly logger: NonNullable<ApolloServerOptions<OperationContext>["logger"]>;
  readonly onFault: FaultListener;
  /** Called for each operation without a compiled plan, with the reason. */
  readonly onUnplanned: (reason: NoPlanReason) => void;
};

/**
 * The limit of the store of validated documents, in characters of their text: about 870 typical queries. A parsed
 * document takes 80 bytes for each character, 220 in the worst case, so the store stays under 60 MB.
 */
const DOCUMENTS_MAX_CHARS = 262_144;

/** The limit of the store of persisted queries, in characters. */
const PERSISTED_QUERIES_MAX_CHARS = 4_194_304;

/** The validation rules in addition to GraphQL's own. */
function validationRules({ introspection }: { readonly introspection: boolean }): ValidationRule[] {
  return introspection ? [operationLimits] : [operationLimits, noServiceSdl];
}

/** Makes an Apollo Server for the gateway's schema, not started yet. No option depends on `NODE_ENV`. */
export function createApolloServer(settings: ApolloServerSettings): ApolloServer<OperationContext> {
  const { introspection, logger, maxUpstreamCalls, onFault, onUnplanned, planOf, schema, trusted } = settings;
  const formatError = errorFormatter({ hideNames: !introspection });
  return new ApolloServer<OperationContext>({
    schema,
    stringifyResult: writeResult,
    introspection,
    logger,
    nodeEnv: "production",
    includeStacktraceInErrorResponses: false,
    formatError,
    parseOptions: { maxLexicalTokens: MAX_TOKENS },
    validationRules: validationRules({ introspection }),
    documentStore: createBoundedStore<DocumentNode>(DOCUMENTS_MAX_CHARS, ({ loc }) => loc?.end ?? 0),
    cache: createBoundedStore<string>(PERSISTED_QUERIES_MAX_CHARS, (text) => text.length),
    allowBatchedHttpRequests: false,
    // Allows GET by unmodified clients. The HTTP server refuses requests from pages of other sites.
    csrfPrevention: false,
    stopOnTerminationSignals: false,
    plugins: [
      // First, so that no other plugin gets a document that may not run.
      ...(trusted === null ? [] : [onlyTrusted(trusted)]),
      // Its field hooks take a quarter of the time of a hot request, and prevent other optimizations of the execution.
      ApolloServerPluginCacheControlDisabled(),
      // Apollo Server enables this plugin for a subgraph's schema. `inlineTrace` loads it when it is needed.
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      inlineTrace(formatError),
      subscriptionRootDirectives(),
      completeAnswers(onFault),
      // After completeAnswers, which refuses mutations and misplaced subscriptions.
      compiledResponses(schema, maxUpstreamCalls, planOf, onFault, onUnplanned),
      // After the cost check, so that it gets only operations that may run.
      liveOperations(),
    ],
  });
}
