import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccessible } from "./lib/accessible.mjs";
import { assertFits, assertRefused, NARROWEST, openPage, PHONE, signIn, startDistrictAndBrowser } from "./lib/browser.mjs";

const { district, browser } = await startDistrictAndBrowser();

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

test("an area that is not there is refused in words", () => assertRefused(browser, district, "/areas/424242"));

/** Reports at a point, as shares of the district's width and height from the south-west; gives the areas that hold it. */
async function report(page, [right, up], times) {
  return page.evaluate(
    async ({ right, up, times }) => {
      const { bounds } = await (await fetch("/api/v1/district")).json();
      const point = { longitude: bounds[0] + right * (bounds[2] - bounds[0]), latitude: bounds[1] + up * (bounds[3] - bounds[1]) };
      for (let time = 0; time < times; time += 1) {
        const body = JSON.stringify({ words: "路灯不亮", kind: "component", point });
        const answer = await fetch("/api/v1/cases", { method: "POST", headers: { "content-type": "application/json" }, body });
        if (answer.status !== 201) throw new Error(await answer.text());
      }
      return (await (await fetch(`/api/v1/place?${new URLSearchParams(point)}`)).json()).areas;
    },
    { right, up, times },
  );
}

test("each area shows how many cases are open in it, by number and shade", async () => {
  const { page, complaints, close } = await openPage(browser, district.url);
  await signIn(page, district.people.dispatcher);
  const [, subdistrict, community] = await report(page, [0.3, 0.6], 3);
  await page.goto("/areas");
  await page.getByText("本区域未办结 3 件").waitFor();
  const of = (area) => page.getByRole("listitem").filter({ hasText: area.name_zh });
  await of(subdistrict).getByText("未办结 3").waitFor();
  await page.getByRole("list", { name: "未办结" }).getByText("3", { exact: true }).waitFor();
  if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/desk.png` });
  await page.getByRole("button", { name: new RegExp(subdistrict.name_zh) }).click();
  await of(community).getByText("未办结 3").waitFor();
  await page.getByRole("listitem").filter({ hasText: "未办结 0" }).first().waitFor();
  assert.deepEqual(complaints, []);
  await close();
});

test("the counts fit a phone and are told in English", async () => {
  const { page, complaints, close } = await openPage(browser, district.url, PHONE);
  await signIn(page, district.people.dispatcher);
  await page.goto("/areas");
  await page.getByRole("button", { name: "English" }).click();
  await page.getByText("3 open cases here").waitFor();
  await page.getByRole("list", { name: "Open cases" }).waitFor();
  await assertFits(page);
  await assertAccessible(page);
  if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/phone.png`, fullPage: true });
  assert.deepEqual(complaints, []);
  await close();
});
