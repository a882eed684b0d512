import { beforeAll, expect, test } from "vitest";
import { moment, span } from "./span.ts";
import { speak } from "./text.ts";

beforeAll(() => speak("en"));

test.each([
  [0, "0 min 00 s"],
  [59_999, "0 min 59 s"],
  [3_599_000, "59 min 59 s"],
  [3_600_000, "1 h 00 min 00 s"],
  [-7_380_000, "2 h 03 min 00 s"],
  [90_000_000, "1 d 1 h"],
])("%d ms is %s", (milliseconds, words) => expect(span(milliseconds)).toBe(words));

test("an instant is told in the district's time, not the reader's", () => {
  const midnight = Date.UTC(2026, 0, 1, 16, 0, 5);
  expect(moment(midnight, "Asia/Shanghai")).toBe("02/01/2026, 00:00");
  expect(moment(midnight, "Asia/Shanghai", true)).toBe("02/01/2026, 00:00:05");
});
