import { describe, expect, test } from "@jest/globals";
import { eventsPath } from "../../../../src/modelarts/events-request.js";
import { signedHeaders } from "../../../../src/modelarts/credentials/signature.js";
import { eventsRequest } from "../../../support/processes/modelarts-calls.js";

const KEY = { accessKey: "AKEXAMPLE0123456789A", secretKey: "SkExample/0123456789+abcdefghijklmnopqrst" };

/** The signatures of Huawei Cloud's own SDK for Node.js (core 3.1.211) for the same requests, key and times. */
const VECTORS = [
  {
    name: "everyday parameters",
    host: "modelarts.cn-north-4.myhuaweicloud.com",
    basePath: "",
    request: eventsRequest({ projectId: "0a1b2c3d4e5f", jobId: "5bd61eea-9de2-4864-a0f7-5fae966171b5" }),
    time: "2026-01-05T09:00:00.999Z",
    date: "20260105T090000Z",
    signature: "4d8d9c1ccf92c3fa0de99b9f3f3a9add30abdd6d5caca05ab865e417deabadef",
  },
  {
    name: "every parameter, and signs that are encoded in one place and not in another",
    host: "127.0.0.1:4010",
    basePath: "",
    request: eventsRequest({
      projectId: "demo-project",
      jobId: "events-101",
      offset: 99,
      level: "ERROR",
      source: "K8S",
      messageContains: "a b+c/d?e=f&g*(h)!'~_.-%25",
      time: { startMs: 1_669_449_696_964, endMs: 1_669_708_896_964 },
    }),
    time: "2026-12-31T23:59:59Z",
    date: "20261231T235959Z",
    signature: "92b1956beb4372ac6a2df263415d772a753ea3f56d31a2064d9f0d65d30a52c7",
  },
  {
    name: "text beyond ASCII, a port, and a path of the endpoint's own",
    host: "modelarts.example:8443",
    basePath: "/base",
    request: eventsRequest({
      projectId: "p_1-x",
      jobId: "j",
      offset: 198,
      limit: 1,
      messageContains: "训练作业 🚀",
    }),
    time: "2024-02-29T00:00:00Z",
    date: "20240229T000000Z",
    signature: "f8afc48a4694d27c4b45b64f7b955c35dff222969f7c3e188c9f30030f4cd784",
  },
];

describe.each(VECTORS)("$name", ({ host, basePath, request, time, date, signature }) => {
  const path = eventsPath(basePath, request);
  const signed = signedHeaders({ host, path, projectId: request.projectId }, KEY, Date.parse(time));

  test("is signed as Huawei Cloud's SDK signs it", () => {
    expect(signed).toEqual({
      host,
      "x-project-id": request.projectId,
      "x-sdk-date": date,
      authorization: `SDK-HMAC-SHA256 Access=${KEY.accessKey}, SignedHeaders=host;x-project-id;x-sdk-date, Signature=${signature}`,
    });
  });

  test("has a new signature each second", () => {
    const later = signedHeaders({ host, path, projectId: request.projectId }, KEY, Date.parse(time) + 1_000);
    expect(later["authorization"]).not.toBe(signed["authorization"]);
  });

  test("never contains the secret key", () => {
    expect(JSON.stringify(signed)).not.toContain(KEY.secretKey);
  });
});
