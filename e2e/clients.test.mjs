// Other systems are given keys, on the page; what a key opens is tried with it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccessible } from "./lib/accessible.mjs";
import { assertFits, NARROWEST, openPage, PHONE, signIn, startDistrictAndBrowser } from "./lib/browser.mjs";

const { district, browser } = await startDistrictAndBrowser();

async function picture(page, name) {
  await assertFits(page);
  await assertAccessible(page);
  if (process.env.HUYING_SCREENSHOTS) await page.screenshot({ path: `${process.env.HUYING_SCREENSHOTS}/${name}.png`, fullPage: true });
}

/** What the server answers a system with that key. */
async function status(key, path = "/cases", method = "GET") {
  const answer = await fetch(`${district.url}/api/v1${path}`, { method, headers: { authorization: `Bearer ${key}` } });
  await answer.body?.cancel();
  return answer.status;
}

const keyOf = (page) => page.getByText(/^hyk_/).textContent();

test("a system is given a key for what it needs, another key, and none", async () => {
  const { page, complaints, close } = await openPage(browser, district.url);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await signIn(page, district.people.system_administrator);
  await page.getByRole("link", { name: "对接", exact: true }).click();
  await page.getByRole("heading", { name: "系统对接" }).waitFor();
  await page.getByText("先选岗位").waitFor();
  assert.ok(await page.getByRole("button", { name: "开通" }).isDisabled(), "nothing is chosen yet");
  await page.getByLabel("系统名称").fill("市热线平台");
  await page.getByLabel(/^岗位：/).selectOption("S1.dispatcher");
  await page.getByLabel(/^岗位：/).selectOption("D01.registry");
  await page.getByRole("button", { name: /^移除/ }).last().click();
  await page.getByLabel("查看岗位范围内的事件").check();
  await picture(page, "clients-new-desk");
  await page.getByRole("button", { name: "开通" }).click();
  const first = await keyOf(page);
  await page.getByRole("button", { name: "复制" }).click();
  await page.getByRole("button", { name: "已复制" }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), first);
  await picture(page, "clients-key-desk");
  assert.equal(await page.getByLabel("系统名称").inputValue(), "", "the form is empty again");
  assert.equal(await status(first), 200);
  assert.equal(await status(first, "/cases/export?format=csv"), 403, "what was not chosen");
  await page.getByRole("button", { name: "已保存，不再显示" }).click();
  assert.equal(await page.getByText(first).count(), 0);

  const item = page.getByRole("listitem").filter({ hasText: "市热线平台" });
  await item.getByText("从未调用").waitFor();
  await page.reload();
  await item.getByText(/^最近调用/).waitFor();
  assert.equal(await item.getByText("从未调用").count(), 0, "it has called since");
  await item.getByText("权限 · 1").click();
  await item.getByText("case.read").waitFor();

  await item.getByRole("button", { name: "更换密钥" }).click();
  await item.getByRole("button", { name: "取消" }).click();
  assert.equal(await status(first), 200, "nothing was done");
  await item.getByRole("button", { name: "更换密钥" }).click();
  await item.getByRole("button", { name: "确定" }).click();
  const second = await keyOf(page);
  assert.equal(await status(first), 401);
  assert.equal(await status(second), 200);
  await item.getByRole("button", { name: "停用" }).click();
  await item.getByRole("button", { name: "确定" }).click();
  await item.getByText("已停用").waitFor();
  assert.equal(await item.getByRole("button").count(), 0);
  assert.equal(await status(second), 401);
  assert.deepEqual(complaints, []);
  await close();
});

test("on a phone, and in English as narrow as can be", async () => {
  for (const [viewport, name] of [[PHONE, "clients-phone"], [NARROWEST, "clients-narrow"]]) {
    const { page, complaints, close } = await openPage(browser, district.url, viewport);
    await signIn(page, district.people.system_administrator);
    await page.goto("/clients");
    await page.getByRole("button", { name: "English" }).click();
    await page.getByRole("heading", { name: "API clients" }).waitFor();
    await page.getByLabel(/^Posts:/).selectOption("S1.dispatcher");
    await page.getByLabel("Read cases within reach of the posts").waitFor();
    await picture(page, name);
    assert.deepEqual(complaints, []);
    await close();
  }
});

test("nobody else has the page in their bar, nor its list when they go there", async () => {
  const { page, close } = await openPage(browser, district.url);
  await signIn(page, district.people.dispatcher);
  assert.equal(await page.getByRole("link", { name: "对接", exact: true }).count(), 0);
  await page.goto("/clients");
  await page.getByRole("alert").first().waitFor();
  assert.equal(await page.getByText("还没有对接任何系统").count(), 0);
  await close();
});
