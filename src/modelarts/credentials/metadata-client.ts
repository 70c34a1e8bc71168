import { z } from "zod";
import { GatewayError } from "../../errors.js";
import { startLimit } from "../calls/call-limit.js";
import { type Answer, createSockets, type Sockets } from "../calls/sockets.js";
import { type CallContext } from "../client.js";
import { type SigningKey } from "./signature.js";

/** A temporary key and the time when it expires, in milliseconds since the epoch. */
export type TemporaryKey = { readonly key: SigningKey; readonly expiresAtMs: number };

export type MetadataClient = {
  /** @throws GatewayError UPSTREAM_UNAVAILABLE if the metadata service does not return keys */
  readonly fetchKey: (call: CallContext) => Promise<TemporaryKey>;
  readonly close: () => void;
};

/** The limit of one request to the metadata service, in milliseconds. */
const REQUEST_LIMIT_MS = 3_000;
const KEY_PATH = "/openstack/latest/securitykey";
const TOKEN_PATH = "/meta-data/latest/api/token";
const TOKEN_SECONDS = 60;
const BODY_MAX_BYTES = 65_536;

const answerSchema = z.object({
  credential: z.object({
    access: z.string().min(1),
    secret: z.string().min(1),
    securitytoken: z.string().min(1),
    expires_at: z.string(),
  }),
});

/**
 * Makes a client of the metadata service of ECS and CCE, which issues temporary keys of the machine's agency. If the
 * service answers 401, the client gets a session token first. It uses no proxy: the service is on the machine's own
 * link.
 */
export function createMetadataClient(endpoint: URL): MetadataClient {
  const sockets = createSockets(endpoint, 1, { useProxy: false, bodyMaxBytes: BODY_MAX_BYTES });
  const basePath = endpoint.pathname.replace(/\/+$/, "");
  return {
    async fetchKey(call) {
      try {
        const path = `${basePath}${KEY_PATH}`;
        let answer = await send(sockets, call, { method: "GET", path, headers: {} });
        if (answer.status === 401) {
          const wanted = { "x-metadata-token-ttl-seconds": TOKEN_SECONDS, "content-length": 0 };
          const issued = await send(sockets, call, {
            method: "PUT",
            path: `${basePath}${TOKEN_PATH}`,
            headers: wanted,
          });
          const headers = { "x-metadata-token": issued.body?.trim() ?? "" };
          if (issued.status === 200) answer = await send(sockets, call, { method: "GET", path, headers });
        }
        if (answer.status !== 200) throw new Error(`The metadata service answered ${answer.status}.`);
        return readKey(answer.body);
      } catch (error) {
        throw new GatewayError(
          "UPSTREAM_UNAVAILABLE",
          "The metadata service did not issue access keys to the gateway.",
          {},
          { cause: error },
        );
      }
    },
    close: () => {
      sockets.close();
    },
  };
}

async function send(
  sockets: Sockets,
  call: CallContext,
  request: Parameters<Sockets["send"]>[0],
): Promise<Answer> {
  const limit = startLimit(call, REQUEST_LIMIT_MS);
  try {
    return await sockets.send(request, limit);
  } finally {
    limit.stop();
  }
}

function readKey(body: string | null): TemporaryKey {
  const { credential } = answerSchema.parse(JSON.parse(body ?? ""));
  const expiresAtMs = Date.parse(credential.expires_at);
  if (Number.isNaN(expiresAtMs)) throw new Error("credential.expires_at is unreadable.");
  const { access: accessKey, secret: secretKey, securitytoken: securityToken } = credential;
  return { key: { accessKey, secretKey, securityToken }, expiresAtMs };
}
