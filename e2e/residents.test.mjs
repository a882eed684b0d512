import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccessible } from "./lib/accessible.mjs";
import { assertFits, NARROWEST, openPage, startDistrictAndBrowser } from "./lib/browser.mjs";

const { district, browser } = await startDistrictAndBrowser();

test("a resident signs in by telephone, reports, and sees what was reported", async () => {
  const { page, complaints, close } = await openPage(browser, district.url);
  await page.goto("/sign-in");
  await page.getByRole("link", { name: "居民手机登录" }).click();
  await enter(page, "138 0000 1111");
  await page.getByText("还没有反映过。").waitFor();
  await page.getByText("还没有人看过。").waitFor();
  await assertAccessible(page);
  await page.getByRole("link", { name: "我要反映" }).click();
  await page.getByLabel(/发生了什么/).fill("楼下路灯不亮");
  await page.getByRole("button", { name: "上报" }).click();
  await page.getByText(/已登记，编号/).waitFor();
  await page.goto("/mine");
  await page.getByRole("link", { name: /事件|部件/ }).waitFor();
  await assertAccessible(page);
  await page.goto("/");
  await page.waitForURL("**/mine");
  assert.deepEqual(complaints, []);
  await close();
});

test("a wrong code is refused in words; the pages fit the narrowest phone", async () => {
  const { page, close } = await openPage(browser, district.url, NARROWEST);
  await page.goto("/residents/sign-in");
  await page.getByLabel("手机号码").fill("12345");
  await page.getByRole("button", { name: "获取验证码" }).click();
  await page.getByRole("alert").getByText("手机号码不正确").waitFor();
  await assertFits(page);
  await page.getByLabel("手机号码").fill("13800002222");
  await page.getByRole("button", { name: "获取验证码" }).click();
  await page.getByLabel("验证码").fill("000000x");
  await page.getByRole("button", { name: "登录" }).click();
  await page.getByRole("alert").getByText("验证码不正确或已失效").waitFor();
  await assertFits(page);
  await assertAccessible(page);
  await page.getByLabel("验证码").fill(await codeShown(page));
  await page.getByRole("button", { name: "登录" }).click();
  await page.getByRole("heading", { name: "我的诉求" }).waitFor();
  await assertFits(page);
  await close();
});

async function enter(page, phone) {
  await page.getByLabel("手机号码").fill(phone);
  await page.getByRole("button", { name: "获取验证码" }).click();
  await page.getByLabel("验证码").fill(await codeShown(page));
  await page.getByRole("button", { name: "登录" }).click();
  await page.getByRole("heading", { name: "我的诉求" }).waitFor();
}

/** The demonstration shows the message that it did not send. */
async function codeShown(page) {
  return /\d{6}/.exec(await page.getByText("演示模式，短信没有发出").innerText())[0];
}
