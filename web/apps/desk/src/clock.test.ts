import { expect, test } from "vitest";
import { type ClockView, standing } from "./clock.ts";

const running: ClockView = { startedAt: 0, dueAt: 1000, state: "running" };

test.each([
  [running, 0, "running", "good", 0],
  [running, 749, "running", "good", 0.749],
  [running, 750, "running", "near", 0.75],
  [running, 1000, "running", "near", 1],
  [running, 1001, "late", "late", 1],
  [{ ...running, suspendedUntil: 5000 }, 2000, "suspended", "ended", undefined],
  [{ ...running, suspendedUntil: 5000 }, 5000, "late", "late", 1],
  [{ ...running, state: "lapsed" }, 500, "late", "late", 1],
  [{ ...running, state: "met", endedAt: 900 }, 5000, "met", "good", undefined],
  [{ ...running, state: "late", endedAt: 1900 }, 5000, "missed", "late", undefined],
  [{ ...running, state: "cancelled" }, 500, "cancelled", "ended", undefined],
] as const)("%o at %d is %s", (clock, now, kind, tone, share) => {
  expect(standing(clock, now)).toEqual({ kind, tone, ...(share === undefined ? {} : { share }) });
});
