import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible } from "./lib/accessible.mjs";
import { assertFits, NARROWEST, openPage, signIn, startBrowser } from "./lib/browser.mjs";
import { startDistrict } from "./lib/district.mjs";

let district, browser;
before(async () => {
  [district, browser] = await Promise.all([startDistrict(), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await district?.stop();
});

test("from the district down to a grid and back up, by list, map and path", async () => {
  const { page, complaints, close } = await openPage(browser, district.url);
  await signIn(page, district.people.dispatcher);
  await page.getByRole("link", { name: "区域" }).click();
  await page.getByRole("button", { name: /东亭街道/ }).click();
  await page.getByRole("button", { name: /桂花社区/ }).click();
  await page.waitForURL("**/areas/999901001001");
  await page.getByRole("listitem").filter({ hasText: "桂花第1网格" }).waitFor();
  await page.getByRole("navigation", { name: "区域" }).getByRole("button", { name: "小样区" }).click();
  await page.getByRole("button", { name: /西塘街道/ }).waitFor();
  // A click on the drawn map goes down as well: the eastern edge is Xitang's.
  const map = page.getByRole("application").locator("canvas");
  await page.waitForTimeout(600);
  const box = await map.boundingBox();
  await page.mouse.click(box.x + box.width / 2 + box.height * 0.4, box.y + box.height * 0.4);
  await page.getByRole("button", { name: /荷塘社区/ }).waitFor();
  assert.deepEqual(complaints, []);
  await close();
});

test("an address of an area can be opened as it is, in English too", async () => {
  const { page, close } = await openPage(browser, district.url, NARROWEST);
  await signIn(page, district.people.dispatcher);
  await page.goto("/areas/999901001");
  await page.getByRole("button", { name: /银杏社区/ }).waitFor();
  await page.getByRole("button", { name: "English" }).click();
  await page.getByRole("button", { name: /Yinxing Community/ }).waitFor();
  await assertFits(page);
  await assertAccessible(page);
  await close();
});

test("an area that is not there is refused in words", async () => {
  const { page, close } = await openPage(browser, district.url);
  await signIn(page, district.people.dispatcher);
  await page.goto("/areas/424242");
  await page.getByRole("alert").waitFor();
  await close();
});
