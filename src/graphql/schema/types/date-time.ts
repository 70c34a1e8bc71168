import { GraphQLError, GraphQLScalarType, Kind } from "graphql";
import { GraphQLDateTime } from "graphql-scalars";

/** A leap second: RFC 3339 has it, and ModelArts may write it; the library knows none. */
const LEAP_SECOND = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}):60(?=[.Z+-])/i;

/** The moment that such a text means; a leap second is the second after it, as in an event's time. */
function parseText(text: string): Date {
  const before = text.replace(LEAP_SECOND, "$1:59");
  const date = GraphQLDateTime.parseValue(before);
  return before === text ? date : new Date(date.getTime() + 1000);
}

/**
 * RFC 3339 in, a Date; a string that already is RFC 3339 in UTC out, untouched: the rows of a page are written
 * once, when they are cached, and not again for each answer.
 */
export const DateTime = new GraphQLScalarType<Date, string>({
  name: "DateTime",
  description:
    "A time in RFC 3339 format, such as `2024-05-01T09:30:00Z`. Answers are in UTC. Arguments may have any " +
    "offset; digits after the milliseconds are ignored.",
  specifiedByURL: "https://www.rfc-editor.org/rfc/rfc3339",
  serialize(value) {
    if (typeof value !== "string") throw new TypeError("DateTime fields must be ready strings.");
    return value;
  },
  // Only JSON gets here, so the library's own path for Date instances is out of reach.
  parseValue: (value) => (typeof value === "string" ? parseText(value) : GraphQLDateTime.parseValue(value)),
  parseLiteral: (node) => {
    try {
      return node.kind === Kind.STRING ? parseText(node.value) : GraphQLDateTime.parseLiteral(node, null);
    } catch (error) {
      // The library's errors about texts have no place in the document.
      throw error instanceof GraphQLError ? new GraphQLError(error.message, { nodes: node }) : error;
    }
  },
});
