import { Directive, Field, ID, ObjectType } from "type-graphql";

/** A job by name. Its other fields are resolvers, so that naming a job asks nothing of the upstream. */
@Directive('@key(fields: "id")')
@Directive('@key(fields: "id projectId")')
@ObjectType({
  simpleResolvers: true,
  description: "A ModelArts training job, identified by its ID, with or without the project it belongs to.",
})
export class TrainingJob {
  @Field(() => ID, { description: "The job's ID in ModelArts." })
  readonly id!: string;

  @Field(() => ID, { description: "The project that the job belongs to." })
  readonly projectId!: string;
}
