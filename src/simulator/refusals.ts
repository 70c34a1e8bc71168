import { type Answer, jsonAnswer } from "./answer.js";
import { errorBody } from "./error-bodies.js";
import { type JobRef } from "./jobs/job-store.js";

const refusal = (status: number, code: string, message: string): Answer =>
  jsonAnswer(status, errorBody("modelarts", { status, code, message, requestId: "" }));

/** The documented answer to any invalid parameter. */
export const badRequest = (): Answer => refusal(400, "ModelArts.50004000", "Bad request.");

/** An offset that the service does not take; other reads of ModelArts answer this code past the end. */
export const offsetRefused = (): Answer => refusal(400, "ModelArts.6400", "The offset is out of range.");

/** A missing job is a 400. Its message contains the ID. */
export const jobNotFound = ({ jobId }: JobRef): Answer =>
  refusal(400, "ModelArts.2775", `The training job ${jobId} does not exist.`);

/** The token's user may not read this job: a 400 too. */
export const notPermitted = (): Answer =>
  refusal(400, "ModelArts.2771", "No permission to read the training job.");

/** The project of the path is not that of the token: a 404. */
export const projectMismatch = (): Answer =>
  refusal(404, "ModelArts.2786", "The project ID of the path differs from that of the token.");

/** The token is scoped to an account, not to a project. */
export const projectMissing = (): Answer =>
  refusal(400, "ModelArts.0204", "The token has no project; use one with the scope of a project.");

export const methodNotAllowed = (): Answer => {
  const answer = refusal(405, "ModelArts.2803", "The method is not allowed.");
  return { ...answer, headers: { ...answer.headers, Allow: "GET" } };
};

/** Answers of the API gateway, before the service gets the call. */
export const callerRefused = (requestId: string, why: string): Answer =>
  jsonAnswer(
    401,
    errorBody("api-gateway", {
      status: 401,
      code: "APIGW.0301",
      message: `Incorrect IAM authentication information: ${why}`,
      requestId,
    }),
  );

/** The API gateway's answer for an unknown path. */
export const noSuchApi = (requestId: string): Answer =>
  jsonAnswer(
    404,
    errorBody("api-gateway", {
      status: 404,
      code: "APIGW.0101",
      message: "The API does not exist or is not published.",
      requestId,
    }),
  );
