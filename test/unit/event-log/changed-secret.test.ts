import { expect, test } from "@jest/globals";
import { createTenancy } from "../../../src/cache/keys.js";
import { News } from "../../../src/cache/news.js";
import { createLogNames } from "../../../src/event-log/log-names.js";
import { createLogWatch } from "../../../src/event-log/log-watch.js";
import { parseFilter } from "../../../src/paging/filter.js";

const JOB = { projectId: "p", jobId: "j" };
const ALL = parseFilter(null);
const OLD = { secret: "old", upstream: "u" };
const NEW = { secret: "new", upstream: "u" };

test("tenants and callers depend on the secret, and are the same in each process that has it", () => {
  const [one, other] = [createTenancy(OLD), createTenancy(NEW)];
  const seen = [one.tenant, one.callerOf("token")];
  expect(other.tenant).not.toBe(one.tenant);
  one.change(NEW);
  expect([one.tenant, one.callerOf("token")]).toEqual([other.tenant, other.callerOf("token")]);
  one.change(OLD);
  expect([one.tenant, one.callerOf("token")]).toEqual(seen);
  one.change({ ...OLD, upstream: "another" });
  expect(one.tenant).not.toBe(seen[0]);
});

test("logs are named for the tenant of the moment", () => {
  const tenancy = createTenancy(OLD);
  const nameLogs = createLogNames(tenancy);
  const headOf = () => nameLogs(JOB, ALL, "en-us").names[0]?.headKey;
  const old = headOf();
  tenancy.change(NEW);
  expect(headOf()).not.toBe(old);
  tenancy.change(OLD);
  expect(headOf()).toBe(old);
});

test("a watched log is watched under its new name, until the watch ends", () => {
  const tenancy = createTenancy(OLD);
  const nameLogs = createLogNames(tenancy);
  const remote = new Set<string>();
  const news = new News({ watch: (key) => remote.add(key), unwatch: (key) => remote.delete(key) });
  const heard: number[] = [];
  const end = createLogWatch(nameLogs, tenancy, news)(JOB, ALL, "en-us", (readAtMs) => heard.push(readAtMs));
  const tellAt = (readAtMs: number): void => {
    for (const { headKey } of nameLogs(JOB, ALL, "en-us").names) news.notify(headKey, readAtMs);
  };
  tellAt(1);
  tenancy.change(NEW);
  tellAt(2);
  expect(remote.size).toBe(1);
  end();
  tellAt(3);
  tenancy.change(OLD);
  tellAt(4);
  expect(heard).toEqual([1, 2]);
  expect([...remote]).toEqual([]);
});
