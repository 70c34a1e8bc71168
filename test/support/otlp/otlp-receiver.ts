import { createServer, type IncomingHttpHeaders } from "node:http";
import { type AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

/** A span as OTLP's JSON has it, with its attributes as a record. */
export type ReceivedSpan = {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly status: { readonly code?: number; readonly message?: string };
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly durationNs: bigint;
};

/** A collector that takes traces by OTLP over HTTP. */
export type OtlpReceiver = {
  readonly url: string;
  /** Of all requests so far, in JSON. */
  readonly spans: ReceivedSpan[];
  /** `service.name` and the like, of the last request. */
  readonly resource: Record<string, unknown>;
  readonly requests: {
    readonly path: string;
    readonly headers: IncomingHttpHeaders;
    readonly body: Buffer;
  }[];
  close(): Promise<void>;
};

type Attribute = { readonly key: string; readonly value: Readonly<Record<string, unknown>> };
type JsonSpan = Omit<ReceivedSpan, "attributes" | "durationNs"> & {
  readonly attributes: readonly Attribute[];
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
};
type JsonTraces = {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly JsonSpan[] }[];
  }[];
};

const recordOf = (attributes: readonly Attribute[]): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const received: Omit<OtlpReceiver, "url" | "close"> = { spans: [], resource: {}, requests: [] };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const raw = Buffer.concat(chunks);
      const body = request.headers["content-encoding"] === "gzip" ? gunzipSync(raw) : raw;
      received.requests.push({ path: request.url ?? "", headers: request.headers, body });
      const isJson = request.headers["content-type"] === "application/json";
      if (isJson) take(JSON.parse(body.toString()) as JsonTraces);
      response.writeHead(200, { "content-type": request.headers["content-type"] }).end(isJson ? "{}" : "");
    });
  });
  const take = ({ resourceSpans }: JsonTraces): void => {
    for (const { resource, scopeSpans } of resourceSpans) {
      Object.assign(received.resource, recordOf(resource.attributes));
      for (const span of scopeSpans.flatMap(({ spans }) => spans)) {
        const durationNs = BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano);
        received.spans.push({ ...span, attributes: recordOf(span.attributes), durationNs });
      }
    }
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...received,
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}
