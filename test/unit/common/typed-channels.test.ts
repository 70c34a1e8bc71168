import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { typedChannels } from "../../../src/common/typed-channels.js";
import { collectGarbage } from "../../support/force-gc.js";

const room = typedChannels<{ "test:told": number }>();

test("a message reaches all subscribers, but not those that have unsubscribed", () => {
  const heard: number[] = [];
  const stop = room.subscribe("test:told", (message) => heard.push(message));
  room.publish("test:told", 1);
  stop();
  room.publish("test:told", 2);
  expect(heard).toEqual([1]);
});

test("a listener that subscribes after a garbage collection gets messages", async () => {
  const heard: number[] = [];
  for (let round = 0; round < 20; round += 1) {
    room.publish("test:told", -1);
    await turn();
    collectGarbage();
    const stop = room.subscribe("test:told", (message) => heard.push(message));
    // Node removes channels that were garbage-collected.
    await turn();
    await turn();
    room.publish("test:told", round);
    stop();
  }
  expect(heard).toEqual(Array.from({ length: 20 }, (_, round) => round));
});
