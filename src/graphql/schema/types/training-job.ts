import { Directive, Field, ID, ObjectType } from "type-graphql";

/** An identified job. Its other fields are resolvers, so identifying a job makes no upstream call. */
@Directive('@key(fields: "id projectId")')
@ObjectType({
  simpleResolvers: true,
  description: "A ModelArts training job, identified by its ID and its project.",
})
export class TrainingJob {
  @Field(() => ID, { description: "The job's ID in ModelArts." })
  readonly id!: string;

  @Field(() => ID, { description: "The job's project in ModelArts." })
  readonly projectId!: string;
}
