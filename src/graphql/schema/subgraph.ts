import {
  type GraphQLFieldConfigMap,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLString,
  GraphQLUnionType,
} from "graphql";
import { type OperationContext } from "../context.js";
import { registered } from "../plan/field-spec.js";
import { entitiesField, resolveEntities } from "./resolvers/entities.js";

/** The value of a representation is checked by its resolver. */
const AnyScalar = new GraphQLScalarType({
  name: "_Any",
  description:
    "The representation of an entity: an object with `__typename` and the fields of one of its keys.",
});

const ServiceType = new GraphQLObjectType({
  name: "_Service",
  description: "The subgraph's description of itself.",
  fields: {
    sdl: {
      type: GraphQLString,
      description: "The subgraph's schema in SDL, with federation's directives.",
    },
  },
});

/**
 * The fields that federation requires in every subgraph's `Query`: https://specs.apollo.dev/federation/v2.3. The SDL
 * does not contain them, because routers have their own definitions.
 * @param entity the object type that other subgraphs refer to
 * @param sdl the SDL that composition reads
 */
export function federationFields(
  entity: GraphQLObjectType,
  sdl: string,
): GraphQLFieldConfigMap<unknown, OperationContext> {
  const EntityUnion = new GraphQLUnionType({
    name: "_Entity",
    description: "All types of this subgraph that other subgraphs can refer to by a key.",
    types: [entity],
  });
  return {
    _entities: {
      type: new GraphQLNonNull(new GraphQLList(EntityUnion)),
      description: "The entities of these representations, in the same order. For routers of a supergraph.",
      args: {
        representations: {
          type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(AnyScalar))),
          description:
            'The key fields of each entity with its `__typename`, such as `{ __typename: "TrainingJob", id: "…" }`.',
        },
      },
      resolve: resolveEntities,
      extensions: registered(entitiesField),
    },
    _service: {
      type: new GraphQLNonNull(ServiceType),
      description: "The schema of this subgraph. For routers and for tools that compose a supergraph.",
      resolve: () => ({ sdl }),
    },
  };
}
