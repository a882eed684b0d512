// Full text on the page: a word, a sound and a number find a case; another post finds nothing of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccessible } from "./lib/accessible.mjs";
import { assertFits, NARROWEST, openPage, signIn, startDistrictAndBrowser } from "./lib/browser.mjs";

const { district, browser } = await startDistrictAndBrowser();

/** Someone of the first subdistrict reports a case there; its number. */
async function report(page, words) {
  const answer = await page.evaluate(async (words) => {
    const body = JSON.stringify({ words, kind: "event", matter: "M01", point: { longitude: 120.003, latitude: 30.0048 } });
    return (await fetch("/api/v1/cases", { method: "POST", headers: { "content-type": "application/json" }, body })).json();
  }, words);
  assert.ok(answer.number, JSON.stringify(answer));
  return answer.number;
}

/** Asks in the box of the bar; again until the index has read on. */
async function find(page, asked, hits) {
  const box = page.getByRole("searchbox");
  await box.fill(asked);
  await box.press("Enter");
  await page.getByRole("heading", { name: asked }).waitFor();
  const item = page.locator(".hits > li");
  for (let attempt = 0; attempt < 40 && (await item.count()) !== hits; attempt++) {
    await page.reload();
    await page.getByRole("heading", { name: asked }).waitFor();
    await page.locator(".hits, [role=status]").first().waitFor();
  }
  assert.equal(await item.count(), hits, asked);
  return item.first();
}

let number;

test("a word, pinyin initials and a number find the case, and say where", async () => {
  const { page, complaints, close } = await openPage(browser, district.url);
  await signIn(page, district.people.dispatcher);
  number = await report(page, "菜市场门口路灯不亮，晚上很暗");
  await report(page, "公园里的长椅坏了");
  const byWord = await find(page, "路灯不亮", 1);
  await byWord.getByText("原文").waitFor();
  await page.getByLabel(/^显示原文片段/).check();
  await page.waitForURL(/excerpts=1/);
  await byWord.locator("mark").getByText("路灯不亮").waitFor();
  await assertFits(page);
  await assertAccessible(page);
  if (process.env.HUYING_SCREENSHOTS) await page.screenshot({ path: `${process.env.HUYING_SCREENSHOTS}/search-desk.png`, fullPage: true });
  const byNumber = await find(page, number, 1);
  assert.equal((await byNumber.locator("mark").allTextContents()).join("-"), number);
  // The district's areas are named in the title of each case: by the initials of the subdistrict both are found.
  const bySound = await find(page, "dtjd", 2);
  assert.match(await bySound.locator("mark").first().textContent(), /东亭/);
  await find(page, "“门口路灯”", 1);
  await find(page, "“路灯门口”", 0);
  await find(page, "路灯 长椅", 0);
  await page.getByText("没有同时含有这些词的事件").waitFor();
  await (await find(page, number, 1)).getByRole("link").click();
  await page.getByText(number).first().waitFor();
  assert.deepEqual(complaints, []);
  await close();
});

test("a post that may not see the case finds nothing of it, in English on the narrowest phone", async () => {
  const { page, complaints, close } = await openPage(browser, district.url, NARROWEST);
  await signIn(page, district.people.registry);
  await page.getByRole("button", { name: "English" }).click();
  for (const asked of ["路灯不亮", number, "dtjd"]) {
    await find(page, asked, 0);
    await page.getByText("Nothing you may see").waitFor();
  }
  await assertFits(page);
  await assertAccessible(page);
  assert.deepEqual(complaints, []);
  await close();
});
