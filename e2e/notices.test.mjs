import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccessible } from "./lib/accessible.mjs";
import { assertFits, NARROWEST, openPage, PHONE, signIn, startDistrictAndBrowser } from "./lib/browser.mjs";

const { district, browser } = await startDistrictAndBrowser();

/** Someone else reports a case at the desk of the dispatcher. */
async function report(page) {
  return page.evaluate(async () => {
    const { bounds } = await (await fetch("/api/v1/district")).json();
    const point = { longitude: bounds[0] + 0.3 * (bounds[2] - bounds[0]), latitude: bounds[1] + 0.3 * (bounds[3] - bounds[1]) };
    const body = JSON.stringify({ words: "路灯不亮", kind: "component", point });
    const answer = await fetch("/api/v1/cases", { method: "POST", headers: { "content-type": "application/json" }, body });
    return { status: answer.status, id: (await answer.json()).id };
  });
}

test("who works at the desk is told of a case that another reported, goes to it, and has read it", async () => {
  const other = await openPage(browser, district.url);
  await signIn(other.page, district.people.grid_worker);
  const { status, id } = await report(other.page);
  assert.equal(status, 201);
  await report(other.page);
  await other.close();

  const { page, complaints, close } = await openPage(browser, district.url, PHONE);
  await signIn(page, district.people.dispatcher);
  await page.getByRole("link", { name: "通知" }).getByText("2 条未读").waitFor({ state: "attached" });
  await page.getByRole("link", { name: "通知" }).click();
  await page.getByRole("heading", { name: "通知" }).waitFor();
  await page.getByText("2 条未读", { exact: true }).last().waitFor();
  await assertFits(page);
  await assertAccessible(page);
  if (process.env.HUYING_SCREENSHOTS) await page.screenshot({ path: `${process.env.HUYING_SCREENSHOTS}/notices-phone.png` });
  await page.getByRole("listitem").getByRole("link", { name: /事件 .*：登记/ }).last().click();
  await page.waitForURL(`**/cases/${id}`);
  await page.getByRole("link", { name: "通知" }).click();
  await page.getByText("1 条未读", { exact: true }).last().waitFor();
  await page.getByRole("checkbox", { name: "只看未读" }).check();
  await page.waitForURL("**/notices?unread=1");
  await page.getByRole("button", { name: "全部标为已读" }).click();
  await page.getByText("没有未读通知").first().waitFor();
  assert.deepEqual(complaints, []);
  await close();
});

test("in English, wide and as narrow as can be", async () => {
  for (const [size, name] of [[undefined, "wide"], [NARROWEST, "narrow"]]) {
    const { page, close } = await openPage(browser, district.url, size);
    await signIn(page, district.people.dispatcher);
    await page.goto("/notices");
    // What was shown in Chinese is shown in English, not left as it was.
    await page.getByRole("link", { name: /事件 .*：登记/ }).first().waitFor();
    await page.getByRole("button", { name: "English" }).click();
    await page.getByRole("heading", { name: "Notices" }).waitFor();
    await page.getByRole("link", { name: /Case .*: Registered/ }).first().waitFor();
    await assertFits(page);
    await assertAccessible(page);
    if (process.env.HUYING_SCREENSHOTS) await page.screenshot({ path: `${process.env.HUYING_SCREENSHOTS}/notices-${name}.png` });
    await close();
  }
});
