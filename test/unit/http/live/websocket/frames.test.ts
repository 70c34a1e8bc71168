import { createHash } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, test } from "@jest/globals";
import { WebSocket } from "ws";
import { textFrame } from "../../../../../src/http/live/websocket/frames.js";

const ANSWER = "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n";

// Around the lengths at which the header grows.
test.each([0, 90, 120, 124, 125, 126, 127, 65_534, 65_535, 65_536, 200_000])(
  "a client reads the message of %i bytes unchanged",
  async (bytes) => {
    const prefix = '{"é":';
    const result = Buffer.from("x".repeat(Math.max(0, bytes - Buffer.byteLength(prefix) - 1)));
    const sent = textFrame(prefix, result);
    expect(sent.subarray(-1).toString()).toBe("}");
    const got = await readBy(Buffer.concat([sent, textFrame("{", Buffer.from("after"))]));
    expect(got).toEqual([`${prefix}${result.toString()}}`, "{after}"]);
  },
);

/** As RFC 6455 has it, section 1.3. */
function acceptOf(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

/** The messages that ws reads of these bytes. */
async function readBy(bytes: Buffer): Promise<string[]> {
  const server = createServer((socket) => {
    socket.once("data", (head) => {
      const key = /sec-websocket-key: (.+)\r\n/i.exec(head.toString())?.[1] ?? "";
      socket.write(`${ANSWER}sec-websocket-accept: ${acceptOf(key)}\r\n\r\n`);
      socket.write(bytes);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const client = new WebSocket(`ws://127.0.0.1:${port}`);
  const messages: string[] = [];
  await new Promise<void>((resolve, reject) => {
    client.on("error", reject);
    client.on("message", (data: Buffer) => {
      messages.push(data.toString());
      if (messages.length === 2) resolve();
    });
  });
  client.terminate();
  server.close();
  return messages;
}
