import { afterEach, expect, test } from "vitest";
import { language, rememberedLanguage, speak, t } from "./text.ts";

afterEach(() => localStorage.clear());

test("every text follows the language, which is remembered", async () => {
  await speak("zh-CN");
  expect(t("product-name")).toBe("呼应");
  await speak("en");
  expect(t("product-name")).toBe("Huying");
  expect(language.value).toBe("en");
  expect(document.documentElement.lang).toBe("en");
  expect(rememberedLanguage()).toBe("en");
});

test("values are filled in", async () => {
  await speak("en");
  expect(t("point-longitude", { value: "200" })).toBe("Longitude 200 is not between -180 and 180 degrees.");
});

test("Chinese is spoken first, also where something unknown was remembered", () => {
  localStorage.setItem("huying.language", "xx");
  expect(rememberedLanguage()).toBe("zh-CN");
});

test("a code without a text shows itself", async () => {
  await speak("zh-CN");
  expect(t("no-such-text")).toBe("no-such-text");
});
