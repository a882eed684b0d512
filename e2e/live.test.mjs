// What one person does shows on another's screen by itself.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccessible } from "./lib/accessible.mjs";
import { assertFits, NARROWEST, openPage, signIn, startDistrictAndBrowser } from "./lib/browser.mjs";

const { district, browser } = await startDistrictAndBrowser();

/** Reports by the page's own means, as whoever is signed in there. */
async function report(page) {
  return page.evaluate(async () => {
    const body = { words: "路口井盖破损", kind: "component", point: { longitude: 120.002, latitude: 30.002 } };
    const answer = await fetch("/api/v1/cases", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    return (await answer.json()).number;
  });
}

test("a case that someone else reports comes into the open queue by itself", async () => {
  const desk = await openPage(browser, district.url);
  await signIn(desk.page, district.people.dispatcher);
  await desk.page.getByText("实时", { exact: true }).waitFor();
  const asked = [];
  desk.page.on("request", (request) => {
    if (new URL(request.url()).pathname === "/api/v1/queue") asked.push(Date.now());
  });
  const street = await openPage(browser, district.url);
  await signIn(street.page, district.people.grid_worker);
  const number = await report(street.page);
  assert.match(number, /^\d{8}-/);
  await desk.page.getByRole("row").filter({ hasText: number }).waitFor({ timeout: 10_000 });
  assert.ok(asked.length >= 1 && asked.length <= 2, `asked ${asked.length} times for one change`);
  await assertAccessible(desk.page);
  assert.deepEqual(desk.complaints, []);
  await street.close();
  await desk.close();
});

test("the mark says when changes do not come by themselves, and fits a small screen", async () => {
  const { page, close } = await openPage(browser, district.url, NARROWEST);
  await page.route("**/api/v1/live", (route) => route.fulfill({ status: 503, body: "" }));
  await signIn(page, district.people.dispatcher);
  await page.getByText("定时刷新", { exact: true }).waitFor();
  await assertFits(page);
  await close();
});
