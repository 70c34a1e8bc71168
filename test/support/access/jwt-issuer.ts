import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;

/** The claims of a JWT (undefined ones are omitted), its key and its algorithm. */
type Wanted = {
  /** Null: the JWT names none. */
  readonly kid?: string | null;
  readonly alg?: string;
  readonly key?: Pair["privateKey"];
  readonly [claim: string]: unknown;
};

/** An issuer of JWTs: its keys, and its key set over HTTP. */
export class JwtIssuer {
  /** Requests for the key set. */
  requests = 0;
  /** The replacement for a valid answer. */
  fault: ((response: ServerResponse) => void) | null = null;
  readonly #pairs = new Map<string, Pair>();
  readonly #server = createServer((_request, response) => {
    this.requests += 1;
    if (this.fault === null) void this.#answer(response);
    else this.fault(response);
  });

  static async start(): Promise<JwtIssuer> {
    const issuer = new JwtIssuer();
    await issuer.addKey("key-1");
    issuer.#server.listen(0, "127.0.0.1");
    await once(issuer.#server, "listening");
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/keys?tenant=a`;
  }

  async addKey(kid: string): Promise<void> {
    this.#pairs.set(kid, await generateKeyPair("ES256", { extractable: true }));
  }

  withdrawKey(kid: string): void {
    this.#pairs.delete(kid);
  }

  privateKey(kid: string): Pair["privateKey"] {
    const pair = this.#pairs.get(kid);
    if (pair === undefined) throw new Error(`There is no key ${kid}.`);
    return pair.privateKey;
  }

  /** A JWT; by default good for ten minutes of the machine's clock. */
  sign({ kid = "key-1", alg = "ES256", key, ...claims }: Wanted = {}): Promise<string> {
    return new SignJWT({ sub: "somebody", exp: Math.floor(Date.now() / 1000) + 600, ...claims })
      .setProtectedHeader({ alg, ...(kid === null ? {} : { kid }) })
      .sign(key ?? this.privateKey(kid ?? "key-1"));
  }

  async #answer(response: ServerResponse): Promise<void> {
    const keys = await Promise.all(
      [...this.#pairs].map(async ([kid, { publicKey }]) => ({ ...(await exportJWK(publicKey)), kid })),
    );
    response.setHeader("content-type", "application/json").end(JSON.stringify({ keys }));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
