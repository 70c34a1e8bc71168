/**
 * The limit of a subscription server on Node: a WebSocket handshake, and one ready buffer that is written to each
 * socket. It checks nothing and keeps no place.
 */
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { follow } from "./live-job.js";
import { listen } from "./listen.js";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const sockets = new Map();

function frame(text) {
  const payload = Buffer.from(text);
  const header =
    payload.length > 125
      ? Buffer.from([0x81, 126, payload.length >> 8, payload.length & 255])
      : Buffer.from([0x81, payload.length]);
  return Buffer.concat([header, payload]);
}

function join(id, socket) {
  let joined = sockets.get(id);
  if (joined === undefined) {
    sockets.set(id, (joined = new Set()));
    follow(id, (trainingJobEvents) => {
      const bytes = frame(
        JSON.stringify({ id: "1", type: "next", payload: { data: { trainingJobEvents } } }),
      );
      for (const one of joined) one.write(bytes);
    });
  }
  joined.add(socket);
  socket.on("close", () => joined.delete(socket));
}

function unmask(data) {
  const short = data[1] & 127;
  const at = short === 126 ? 4 : 2;
  const mask = data.subarray(at, at + 4);
  const payload = data.subarray(at + 4);
  return Buffer.from(payload.map((byte, index) => byte ^ mask[index % 4])).toString();
}

const server = createServer();
server.on("upgrade", (request, socket) => {
  const accept = createHash("sha1")
    .update(request.headers["sec-websocket-key"] + GUID)
    .digest("base64");
  socket.setNoDelay(true);
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n`,
  );
  socket.on("error", () => socket.destroy());
  socket.on("data", (data) => {
    const text = unmask(data);
    if (text.includes("connection_init")) socket.write(frame('{"type":"connection_ack"}'));
    else if (text.includes('"subscribe"')) join(JSON.parse(text).payload.variables.id, socket);
  });
});
await listen(server);
