import { expect, test } from "vitest";
import { pieces } from "./marks.ts";

test("a text is cut at its marks, by characters", () => {
  expect(pieces("𠮷路灯不亮", [{ from: 1, until: 3 }])).toEqual([
    { text: "𠮷", marked: false },
    { text: "路灯", marked: true },
    { text: "不亮", marked: false },
  ]);
  expect(pieces("路灯", [{ from: 0, until: 1 }, { from: 1, until: 2 }])).toEqual([
    { text: "路", marked: true },
    { text: "灯", marked: true },
  ]);
  expect(pieces("路灯", [])).toEqual([{ text: "路灯", marked: false }]);
});
