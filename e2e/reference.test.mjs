// The API page under the policy that every page has: nothing refused, nothing asked of another origin, and a request sent from it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertFits, NARROWEST, openPage, PHONE, signIn, startDistrictAndBrowser } from "./lib/browser.mjs";

const { district, browser } = await startDistrictAndBrowser();

/** A page that holds itself to asking only its own origin; `check` says so in the end, and that it had nothing to complain of. */
async function openReference(viewport) {
  const opened = await openPage(browser, district.url, viewport);
  const outside = [];
  opened.page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith("http") && origin !== district.url) outside.push(request.url());
  });
  const check = async () => {
    await opened.page.waitForLoadState("networkidle");
    assert.deepEqual(outside, []);
    assert.deepEqual(opened.complaints, []);
  };
  return { ...opened, check };
}

async function shoot(page, name) {
  if (process.env.HUYING_SCREENSHOTS) await page.screenshot({ path: `${process.env.HUYING_SCREENSHOTS}/${name}.png`, fullPage: true });
}

test("an operation is opened and tried as who is signed in, in Chinese, under the policy of every page", async () => {
  const { page, check, close } = await openReference();
  const policy = (await page.goto("/")).headers()["content-security-policy"];
  assert.match(policy, /default-src 'self'/);
  assert.doesNotMatch(policy, /unsafe/);
  await signIn(page, district.people.dispatcher);
  await page.goto("/me");
  await page.getByRole("link", { name: "接口文档" }).click();
  await page.waitForURL("**/api");
  assert.equal((await page.reload()).headers()["content-security-policy"], policy);
  await page.getByRole("heading", { name: "接口文档" }).waitFor();
  await page.getByText("事件：上报、办理、列表、导出、回执").waitFor();
  await shoot(page, "api-desk");
  await page.getByRole("heading", { name: /^session/ }).click();
  await page.getByRole("button", { name: "get ​/session", exact: true }).click();
  await page.getByRole("button", { name: "试一试" }).click();
  await page.getByRole("button", { name: "发送请求" }).click();
  const answer = page.locator(".live-responses-table");
  await answer.getByText("应答正文").waitFor();
  await answer.getByText(new RegExp(district.people.dispatcher.login)).first().waitFor();
  await assertFits(page);
  await shoot(page, "api-desk-tried");
  await check();
  await close();
});

test("nobody is answered 401, in English, on a phone, at the operation that the address names", async () => {
  const { page, check, close } = await openReference(PHONE);
  await page.goto("/api");
  await page.getByRole("button", { name: "English" }).click();
  await page.getByRole("heading", { name: "API documentation" }).waitFor();
  await page.goto("/api#/cases/list");
  await page.reload();
  await page.getByRole("button", { name: "Try it out" }).click();
  await page.getByRole("button", { name: "Execute" }).click();
  await page.locator(".live-responses-table").getByText("401").first().waitFor();
  await assertFits(page);
  await shoot(page, "api-phone");
  await check();
  await close();
});

test("it fits the narrowest phone", async () => {
  const { page, check, close } = await openReference(NARROWEST);
  await page.goto("/api");
  await page.getByRole("heading", { name: /^cases/ }).waitFor();
  await assertFits(page);
  await shoot(page, "api-narrow");
  await check();
  await close();
});
