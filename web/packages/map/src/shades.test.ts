import { expect, test } from "vitest";
import { colorOf, shades } from "./shades.ts";

test("no count falls between two shades, and none is white", () => {
  for (const most of [0, 1, 2, 3, 4, 5, 7, 40, 41, 1_000]) {
    const shown = shades([most, 0]);
    expect(shown[0]).toMatchObject({ from: 0, to: 0 });
    shown.slice(1).forEach((shade, index) => expect(shade.from).toBe((shown[index]?.to ?? -1) + 1));
    expect(shown.at(-1)?.to).toBe(most);
    expect(colorOf(shown, 0)).toBe("#ffffff");
    if (most > 0) expect(colorOf(shown, most)).not.toBe("#ffffff");
  }
});

test("without counts only none is left", () => expect(shades([])).toHaveLength(1));
