import { type IncomingHttpHeaders } from "node:http";
import { type TextMapGetter, type TextMapSetter } from "@opentelemetry/api";

/** Reads the headers of a request for a propagator. */
export const incomingHeaders: TextMapGetter<IncomingHttpHeaders> = {
  get: (headers, name) => headers[name],
  keys: (headers) => Object.keys(headers),
};

/** Writes headers for a propagator. */
export const headersSetter: TextMapSetter<IncomingHttpHeaders> = {
  set: (headers, name, value) => {
    headers[name] = value;
  },
};
