import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertAccessible } from "./lib/accessible.mjs";
import { openPage, signIn, startBrowser } from "./lib/browser.mjs";
import { startDistrict } from "./lib/district.mjs";
import { CLIENT, freePort, startProvider } from "./lib/oidc.mjs";

const port = await freePort();
const origin = `http://127.0.0.1:${port}`;
const provider = await startProvider(origin);
const config = `oidc_secret = "${CLIENT.secret}"

[people.oidc]
issuer = "${provider.issuer}"
client_id = "${CLIENT.id}"
origin = "${origin}"
name_zh = "统一认证"
name_en = "Single sign-on"
`;
const [district, browser] = await Promise.all([startDistrict("profiles/tiny", {}, { config, listen: `127.0.0.1:${port}` }), startBrowser()]);
after(async () => {
  await browser.close();
  await district.stop();
  await provider.stop();
});

test("who is linked to no account is not let in, and no account is made", async () => {
  const { page, close } = await openPage(browser, district.url);
  await page.goto("/sign-in");
  await page.getByRole("link", { name: "用统一认证登录" }).click();
  await enterThere(page, "nobody-here");
  await page.getByRole("alert").getByText("此身份尚未关联账号").waitFor();
  assert.match(page.url(), /\/sign-in/);
  await assertAccessible(page);
  await close();
});

test("an account is linked by its owner, signed in to by the other system, and unlinked", async () => {
  const { page, complaints, close } = await openPage(browser, district.url);
  await signIn(page, district.people.dispatcher);
  await page.goto("/me/second-factor");
  await page.getByRole("button", { name: "关联", exact: true }).click();
  await page.getByLabel("密码").fill(district.people.dispatcher.password);
  await page.getByRole("button", { name: "继续" }).click();
  await enterThere(page, "li-four");
  await page.getByText("已关联，可以用统一认证登录本账号。").waitFor();
  await page.getByRole("button", { name: "退出" }).click();
  await page.getByRole("link", { name: "用统一认证登录" }).click();
  await page.getByRole("heading", { name: /待办事件/ }).waitFor();
  await page.goto("/me/second-factor");
  await page.getByRole("button", { name: "取消关联" }).click();
  await page.getByRole("button", { name: "关联", exact: true }).waitFor();
  await page.getByRole("button", { name: "退出" }).click();
  await page.getByRole("link", { name: "用统一认证登录" }).click();
  await page.getByRole("alert").getByText("此身份尚未关联账号").waitFor();
  assert.deepEqual(complaints.filter((one) => !one.includes(provider.issuer)), []);
  await close();
});

test("who comes back with another's state is not let in", async () => {
  const { page, close } = await openPage(browser, district.url);
  await page.goto("/api/v1/session/oidc/back?code=stolen&state=forged");
  await page.getByRole("alert").getByText("不是从本浏览器发起").waitFor();
  await close();
});

/** Signs in at the other system as whom one likes, and agrees. */
async function enterThere(page, login) {
  await page.locator("input[name=login]").fill(login);
  await page.locator("input[name=password]").fill("any");
  await page.getByRole("button", { name: /sign-in/i }).click();
  await page.getByRole("button", { name: /continue/i }).click();
}
