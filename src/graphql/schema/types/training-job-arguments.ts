import { ArgsType, Field, ID } from "type-graphql";

/**
 * Arguments of `Query.trainingJob`; a class, because decorators of single arguments would print them in reverse order.
 */
@ArgsType()
export class TrainingJobArgs {
  @Field(() => ID, { description: 'The job\'s ID: 1 to 64 letters, digits, "-" or "_".' })
  readonly id!: string;

  @Field(() => ID, {
    nullable: true,
    description: "The job's project; the gateway's default project if not given.",
  })
  readonly projectId?: string | null;
}
