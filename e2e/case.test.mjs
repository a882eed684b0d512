// One case from the street to the department, by the hands of three people.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccessible } from "./lib/accessible.mjs";
import { assertFits, assertRefused, NARROWEST, openPage, PHONE, signIn, startDistrictAndBrowser } from "./lib/browser.mjs";

const { district, browser } = await startDistrictAndBrowser();

/** Clicks the map so many pixels from its centre; the district fills its height. */
async function clickMap(page, { right = 0, down = 0 } = {}) {
  const map = page.getByRole("application").locator("canvas");
  await map.scrollIntoViewIfNeeded();
  await page.waitForTimeout(500);
  const box = await map.boundingBox();
  await page.mouse.click(box.x + box.width / 2 + right, box.y + box.height / 2 + down);
}

/** Carries out an act whose form is left as it is, or filled by `fill`. */
async function act(page, name, fill = async () => undefined) {
  await page.getByRole("button", { name: new RegExp(`^${name}`) }).first().click();
  const dialog = page.getByRole("dialog");
  await fill(dialog);
  await dialog.getByRole("button", { name, exact: true }).click();
  await page.getByText("已记入事实簿。").waitFor();
}

let number;

test("a report by a click on the map finds its grid and gets a number", async () => {
  const { page, complaints, close } = await openPage(browser, district.url);
  await signIn(page, district.people.dispatcher);
  await page.getByRole("link", { name: "上报" }).click();
  await page.getByLabel("发生了什么").fill("路口垃圾堆放多日，气味很大。");
  await page.getByLabel("事项").selectOption({ label: "暴露垃圾" });
  // The western half of the district is Dongting's.
  await clickMap(page, { right: -100, down: -60 });
  await page.getByText(/小样区 › 东亭街道 › .+社区 › .+网格/).waitFor();
  await page.getByRole("button", { name: "上报", exact: true }).click();
  const told = await page.getByRole("status").innerText();
  number = /编号 (\S+?)。/.exec(told)[1];
  await page.getByRole("link", { name: "查看事件" }).click();
  await page.getByRole("heading", { name: "暴露垃圾" }).waitFor();
  await page.getByText("路口垃圾堆放多日，气味很大。").waitFor();
  assert.deepEqual(complaints, []);
  await close();
});

test("a place outside the district is refused with how far and which way, before anything is sent", async () => {
  const { page, close } = await openPage(browser, district.url);
  await signIn(page, district.people.dispatcher);
  await page.goto("/report");
  await clickMap(page, { right: 320 });
  await page.getByText(/米/).waitFor();
  await close();
});

test("the desk finds it in its queue, accepts and dispatches; what may not be done yet says why", async () => {
  const { page, complaints, close } = await openPage(browser, district.url);
  await signIn(page, district.people.dispatcher);
  const row = page.getByRole("row").filter({ hasText: number });
  await row.getByText(/还剩/).waitFor();
  const before = await row.locator(".clock").innerText();
  await page.waitForTimeout(2100); // two ticks of the clock
  assert.notEqual(await row.locator(".clock").innerText(), before, "the clock counts");
  await row.getByRole("link").click();
  await page.getByText(/现在不能做的/).click();
  assert.ok(await page.getByRole("button", { name: "派遣", exact: true }).isDisabled());
  await page.getByText("事件当前状态为“已登记”").first().waitFor();
  await act(page, "受理");
  await act(page, "派遣", (dialog) => dialog.getByLabel("主办单位").selectOption({ label: "区城市管理局" }));
  await page.getByText("主办：区城市管理局").waitFor();
  await assertAccessible(page);
  assert.deepEqual(complaints, []);
  await close();
});

test("the department answers on a phone", async () => {
  const { page, complaints, close } = await openPage(browser, district.url, PHONE);
  await signIn(page, district.people.registry);
  await page.getByRole("row").filter({ hasText: number }).getByRole("link").click();
  await act(page, "签收");
  await page.getByRole("listitem").filter({ hasText: "签收" }).filter({ hasText: "城管局收发员" }).waitFor();
  await assertFits(page);
  assert.deepEqual(complaints, []);
  await close();
});

test("the narrowest phone shows queue, case and report without scrolling sideways", async () => {
  const { page, close } = await openPage(browser, district.url, NARROWEST);
  await signIn(page, district.people.dispatcher);
  await page.getByRole("heading", { name: /待办事件/ }).waitFor();
  await assertFits(page);
  await assertAccessible(page);
  await page.goto(`/cases/${number}`);
  await page.getByRole("heading", { name: "办理经过" }).waitFor();
  await assertFits(page);
  await page.goto("/report");
  await page.getByRole("heading", { name: "位置" }).waitFor();
  await assertFits(page);
  await assertAccessible(page);
  await close();
});

test("a case that is not for one's posts is not there", () => assertRefused(browser, district, "/cases/00000000-0000-4000-8000-000000000000"));
