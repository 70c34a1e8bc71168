import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { eventsPath } from "../../src/modelarts/events-request.js";
import { signedHeaders } from "../../src/modelarts/credentials/signature.js";
import { signatureProblem } from "../../src/simulator/access/signatures.js";
import { LEVELS } from "../../src/training-job-event.js";
import { eventsRequest } from "../support/processes/modelarts-calls.js";

const requests = fc.record({
  projectId: fc.stringMatching(/^[\w-]{1,64}$/),
  jobId: fc.stringMatching(/^[\w-]{1,64}$/),
  level: fc.constantFrom(null, ...LEVELS),
  // Some of these have lone surrogates, which are sent as replacement characters.
  messageContains: fc.option(fc.string({ unit: "binary", minLength: 1, maxLength: 20 })),
  offset: fc.nat(),
});
const keys = fc.record({
  accessKey: fc.stringMatching(/^[A-Z0-9]{1,20}$/),
  secretKey: fc.string({ minLength: 1 }),
});
const moments = fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2100, 0) });

test("the simulator accepts the signature of any request", () => {
  fc.assert(
    fc.property(requests, keys, moments, (asked, key, timeMs) => {
      const request = eventsRequest(asked);
      const target = eventsPath("", request);
      const headers = signedHeaders({ host: "h:1", path: target, projectId: asked.projectId }, key, timeMs);
      expect(signatureProblem({ target, headers }, key.secretKey, timeMs)).toBeNull();
      expect(signatureProblem({ target, headers }, `${key.secretKey}x`, timeMs)).not.toBeNull();
      const other = eventsPath("", { ...request, offset: asked.offset + 1 });
      expect(signatureProblem({ target: other, headers }, key.secretKey, timeMs)).not.toBeNull();
    }),
  );
});
