import { Directive, Field, ObjectType } from "type-graphql";
import { Registered } from "../../plan/field-spec.js";

/** Relay's PageInfo. It is shareable, because most subgraphs of a supergraph define it. */
@Directive("@shareable")
@ObjectType({
  simpleResolvers: true,
  description: "The position of a page in its list, as in the Relay connection specification.",
})
export class PageInfo {
  @Field(() => Boolean, { description: "Whether there are events after `endCursor`." })
  readonly hasNextPage!: boolean;

  @Field(() => Boolean, { description: "Whether there are events before `startCursor`." })
  readonly hasPreviousPage!: boolean;

  @Registered({ needs: "cursors" })
  @Field(() => String, {
    nullable: true,
    description: "The cursor of the page's first edge, for `before`; null if the page is empty.",
  })
  readonly startCursor!: string | null;

  @Registered({ needs: "cursors" })
  @Field(() => String, {
    nullable: true,
    description: "The cursor of the page's last edge, for `after`; null if the page is empty.",
  })
  readonly endCursor!: string | null;
}
