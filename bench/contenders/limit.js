/**
 * The cost of node:http alone for the same answers. LIMIT=http sends a prepared string that the URL selects;
 * LIMIT=parse reads, parses and hashes the POST body before it sends a prepared Buffer.
 */
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { fetchPage, pageRequest, shapePage } from "./events-page.js";
import { listen } from "./listen.js";

const answers = new Map();

async function makeAnswer(key, { id, ...args }) {
  const request = pageRequest(id, args);
  const events = shapePage(await fetchPage(request), request.offset);
  const text = `${JSON.stringify({ data: { trainingJob: { events } } })}\n`;
  const headers = { "content-type": "application/json; charset=utf-8" };
  const answer = { text, bytes: Buffer.from(text), headers };
  headers["content-length"] = answer.bytes.length;
  answers.set(key, answer);
  return answer;
}

async function send(response, key, variables, part) {
  const answer = answers.get(key) ?? (await makeAnswer(key, variables));
  response.writeHead(200, answer.headers);
  response.end(answer[part]);
}

function withoutParsing(request, response) {
  request.resume();
  const variables = Object.fromEntries(new URL(request.url, "http://localhost").searchParams);
  return send(response, request.url, variables, "text");
}

function withParsing(request, response) {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const { query, variables } = JSON.parse(Buffer.concat(chunks).toString());
    const hash = createHash("sha256").update(query).digest("hex");
    const key = `${hash}|${variables.id}|${variables.first}|${variables.after ?? ""}|${variables.order}`;
    void send(response, key, variables, "bytes");
  });
}

await listen(createServer(process.env.LIMIT === "http" ? withoutParsing : withParsing));
