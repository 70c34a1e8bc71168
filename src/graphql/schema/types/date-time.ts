import { GraphQLError, GraphQLScalarType, Kind } from "graphql";
import { GraphQLDateTime } from "graphql-scalars";

/** A leap second. RFC 3339 allows it, and ModelArts may write it, but the library does not accept it. */
const LEAP_SECOND = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}):60(?=[.Z+-])/i;

/**
 * The form that JavaScript and answers of this schema write. The days that only some months have are left to the
 * library.
 */
const USUAL =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{3})?Z$/;

/** A Date that is written as JSON quickly. The keys of kept answers contain the variables as JSON. */
class ArgumentDate extends Date {
  constructor(private readonly text: string) {
    super(text);
  }

  override toJSON(): string {
    return this.text;
  }
}

/** The moment of a text. A leap second counts as the next second, as in the time of an event. */
function parseText(text: string): Date {
  if (USUAL.test(text)) return new ArgumentDate(text);
  const before = text.replace(LEAP_SECOND, "$1:59");
  const date = GraphQLDateTime.parseValue(before);
  return before === text ? date : new Date(date.getTime() + 1000);
}

/**
 * Input: RFC 3339, parsed to a Date. Output: a string that is already RFC 3339 in UTC, unchanged. The times of a page
 * are formatted once, when its rows are cached, and not for each answer.
 */
export const DateTime = new GraphQLScalarType<Date, string>({
  name: "DateTime",
  description:
    "A time in RFC 3339 format, such as `2024-05-01T09:30:00Z`. Answers are in UTC. Arguments may have any " +
    "UTC offset; digits after the milliseconds are ignored.",
  specifiedByURL: "https://www.rfc-editor.org/rfc/rfc3339",
  serialize(value) {
    if (typeof value !== "string") throw new TypeError("The value of a DateTime field must be a string.");
    return value;
  },
  // Values come from JSON, so the library's branch for Date instances is never used.
  parseValue: (value) => (typeof value === "string" ? parseText(value) : GraphQLDateTime.parseValue(value)),
  parseLiteral: (node) => {
    try {
      return node.kind === Kind.STRING ? parseText(node.value) : GraphQLDateTime.parseLiteral(node, null);
    } catch (error) {
      // The library's errors about strings do not contain the position in the document.
      throw error instanceof GraphQLError ? new GraphQLError(error.message, { nodes: node }) : error;
    }
  },
});
