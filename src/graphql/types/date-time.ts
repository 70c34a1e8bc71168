import { GraphQLScalarType } from "graphql";
import { GraphQLDateTime } from "graphql-scalars";

/**
 * RFC 3339 in, a Date; a string that already is RFC 3339 in UTC out, untouched: the rows of a page are written
 * once, when they are cached, and not again for each answer.
 */
export const DateTime = new GraphQLScalarType<Date, string>({
  name: "DateTime",
  description:
    "A moment as RFC 3339 writes it, such as `2024-05-01T09:30:00Z`. Answers are always in UTC; arguments may " +
    "have any offset, and what is finer than a millisecond is cut off.",
  specifiedByURL: "https://www.rfc-editor.org/rfc/rfc3339",
  serialize(value) {
    if (typeof value !== "string") throw new TypeError("DateTime fields must be ready strings.");
    return value;
  },
  // Only JSON gets here, so the library's own path for Date instances is out of reach.
  parseValue: (value) => GraphQLDateTime.parseValue(value),
  parseLiteral: (node) => GraphQLDateTime.parseLiteral(node, null),
});
