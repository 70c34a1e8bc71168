import {
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidationRule,
} from "graphql";
import { GatewayError } from "../errors.js";
import { HTTP_400 } from "./protocol-rules.js";

/** The longest document, in lexer tokens. 20 full pages without fragments take about 1,000. */
export const MAX_TOKENS = 4_000;

/** The greatest depth of fields. The schema's own depth is 5; GraphiQL's introspection query needs 15. */
export const MAX_DEPTH = 20;

/**
 * The maximum number of aliases in an operation. The aliases of a fragment count for each spread. Only aliases can repeat
 * a field, so this also limits how much larger an answer is than its rows.
 */
export const MAX_ALIASES = 100;

/** Depth and number of aliases below one selection set, fragments expanded. */
type Weight = { readonly depth: number; readonly aliases: number };

const NOTHING: Weight = { depth: 0, aliases: 0 };

/**
 * Refuses operations that are too deep or have too many aliases. Each fragment is measured once, independent of
 * its number of spreads, so the time is linear in the document. Another rule reports cycles of fragments; this one
 * ignores the spread that closes a cycle.
 */
export const operationLimits: ValidationRule = (context) => {
  const weights = new Map<string, Weight>();
  return {
    OperationDefinition(operation) {
      const { depth, aliases } = weigh(operation.selectionSet);
      if (depth > MAX_DEPTH) report(operation, `is ${depth} fields deep; at most ${MAX_DEPTH} are allowed.`);
      if (aliases > MAX_ALIASES)
        report(operation, `has more than ${MAX_ALIASES} aliases, fragments expanded.`);
      return false;
    },
    FragmentDefinition: () => false,
  };

  function weigh(set: SelectionSetNode): Weight {
    return set.selections.map(weighSelection).reduce(sum, NOTHING);
  }

  function weighSelection(selection: SelectionSetNode["selections"][number]): Weight {
    switch (selection.kind) {
      case Kind.FIELD: {
        const below = selection.selectionSet ? weigh(selection.selectionSet) : NOTHING;
        return { depth: below.depth + 1, aliases: below.aliases + (selection.alias ? 1 : 0) };
      }
      case Kind.INLINE_FRAGMENT:
        return weigh(selection.selectionSet);
      case Kind.FRAGMENT_SPREAD:
        return weighFragment(context.getFragment(selection.name.value));
    }
  }

  function weighFragment(fragment: FragmentDefinitionNode | null | undefined): Weight {
    if (!fragment) return NOTHING;
    const known = weights.get(fragment.name.value);
    if (known) return known;
    weights.set(fragment.name.value, NOTHING);
    const weight = weigh(fragment.selectionSet);
    weights.set(fragment.name.value, weight);
    return weight;
  }

  function report(operation: OperationDefinitionNode, what: string): void {
    context.reportError(tooComplex(`The operation ${what}`, operation));
  }
};

/** Makes the error of an operation over a limit. The error formatter takes the code from its original error. */
export function tooComplex(message: string, node?: OperationDefinitionNode): GraphQLError {
  return new GraphQLError(message, {
    ...(node && { nodes: node }),
    extensions: { http: HTTP_400 },
    originalError: new GatewayError("OPERATION_TOO_COMPLEX", message),
  });
}

function sum(a: Weight, b: Weight): Weight {
  return {
    depth: Math.max(a.depth, b.depth),
    aliases: Math.min(a.aliases + b.aliases, Number.MAX_SAFE_INTEGER),
  };
}
