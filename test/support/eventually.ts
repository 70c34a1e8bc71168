import { setTimeout as wait } from "node:timers/promises";

/** Asks again until a condition holds that another process or socket brings about; jest ends a vain wait. */
export async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await wait(5);
}
