import { Directive, Field, ObjectType } from "type-graphql";
import { Registered } from "../../plan/field-spec.js";

/** Relay's PageInfo; shareable, since most subgraphs of a supergraph have one. */
@Directive("@shareable")
@ObjectType({
  simpleResolvers: true,
  description: "Where a page lies in its list, as the Relay connection specification has it.",
})
export class PageInfo {
  @Field(() => Boolean, { description: "Whether the list goes on after `endCursor`." })
  readonly hasNextPage!: boolean;

  @Field(() => Boolean, { description: "Whether the list has something before `startCursor`." })
  readonly hasPreviousPage!: boolean;

  @Registered({ needs: "cursors" })
  @Field(() => String, {
    nullable: true,
    description: "Cursor of the page's first edge, for `before`; null when the page is empty.",
  })
  readonly startCursor!: string | null;

  @Registered({ needs: "cursors" })
  @Field(() => String, {
    nullable: true,
    description: "Cursor of the page's last edge, for `after`; null when the page is empty.",
  })
  readonly endCursor!: string | null;
}
