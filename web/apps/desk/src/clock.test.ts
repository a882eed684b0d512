import { expect, test } from "vitest";
import { type ClockView, queueClock, standing } from "./clock.ts";

const running: ClockView = { startedAt: 0, dueAt: 1000, state: "running" };

test.each([
  [running, 0, "running", "good", 0],
  [running, 749, "running", "good", 0.749],
  [running, 750, "running", "near", 0.75],
  [running, 1000, "running", "near", 1],
  [running, 1001, "late", "late", 1],
  [{ ...running, state: "lapsed" }, 500, "late", "late", 1],
  [{ ...running, state: "met" }, 5000, "met", "good", undefined],
  [{ ...running, state: "late" }, 5000, "missed", "late", undefined],
  [{ ...running, state: "cancelled" }, 500, "cancelled", "ended", undefined],
])("%o at %d is %s", (clock, now, kind, tone, share) => {
  expect(standing(clock, now)).toEqual({ kind, tone, ...(share === undefined ? {} : { share }) });
});

test("instants to the microsecond are read", () => {
  expect(queueClock("2026-03-01T00:00:00.000001Z", "2026-03-01T08:30:00+08:00")).toEqual({
    startedAt: Date.UTC(2026, 2, 1),
    dueAt: Date.UTC(2026, 2, 1, 0, 30),
    state: "running",
  });
});
