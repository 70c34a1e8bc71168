import { z } from "zod";
import { switchesSchema } from "./switches.js";

const eventSchema = z.strictObject({
  timeMs: z.number().int().min(0).optional(),
  level: z.string().nullable().optional(),
  source: z.string().nullable().optional(),
  message: z.string().nullable(),
  messageZh: z.string().optional(),
});

/** A list of events, or a number of events to generate. */
export const eventsBody = z.union([
  z.strictObject({ events: z.array(eventSchema).default([]) }),
  z.strictObject({
    generate: z.number().int().min(0).max(1_000_000),
    seed: z.number().int().optional(),
    startMs: z.number().int().min(0).optional(),
  }),
]);

export const trimBody = z.strictObject({ count: z.number().int().min(0) });

/** The switches to change; the others keep their values. */
export const switchesBody = switchesSchema.partial();
