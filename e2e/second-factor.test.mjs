import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { assertAccessible } from "./lib/accessible.mjs";
import { assertFits, NARROWEST, openPage, signIn, startDistrictAndBrowser } from "./lib/browser.mjs";

const { district, browser } = await startDistrictAndBrowser();

test("a second factor is set up, asked for, and done without once by a recovery code", async () => {
  const person = district.people.dispatcher;
  const { page, complaints, close } = await openPage(browser, district.url);
  await signIn(page, person);
  await page.goto("/me/second-factor");
  await page.getByRole("button", { name: "设置验证器" }).click();
  await page.getByLabel("密码").fill("not the password");
  await page.getByRole("button", { name: "继续" }).click();
  await page.getByRole("alert").getByText("密码或验证码不正确。").waitFor();
  await page.getByLabel("密码").fill(person.password);
  await page.getByRole("button", { name: "继续" }).click();
  await page.getByRole("img", { name: "供验证器扫描的二维码" }).waitFor();
  await assertAccessible(page);
  const secret = await page.locator("code.secret").innerText();
  await page.getByLabel("输入应用显示的六位验证码").fill(code(secret, Date.now()));
  await page.getByRole("button", { name: "确认" }).click();
  const codes = page.getByRole("list", { name: "恢复码" }).getByRole("listitem");
  await codes.first().waitFor();
  assert.equal(await codes.count(), 10);
  const recovery = await codes.first().innerText();
  await assertAccessible(page);
  await page.getByRole("button", { name: "已保存" }).click();
  await page.getByText("尚余 10 个恢复码。").waitFor();
  await assertAccessible(page);

  await firstStep(page, person);
  await page.getByLabel("验证码").fill("000000");
  await page.getByRole("button", { name: "登录" }).click();
  await page.getByRole("alert").getByText("验证码不正确，或已经用过。").waitFor();
  // The code of the step that comes next: the one just shown does not count again.
  await page.getByLabel("验证码").fill(code(secret, Date.now() + 30_000));
  await page.getByRole("button", { name: "登录" }).click();
  await page.getByRole("heading", { name: /待办事件/ }).waitFor();

  await firstStep(page, person);
  await page.getByRole("button", { name: "改用恢复码" }).click();
  await page.getByLabel("恢复码").fill(recovery);
  await page.getByRole("button", { name: "登录" }).click();
  await page.getByRole("heading", { name: /待办事件/ }).waitFor();
  await page.goto("/me/second-factor");
  await page.getByText("尚余 9 个恢复码。").waitFor();
  assert.deepEqual(complaints, []);
  await close();
});

test("both steps fit the narrowest phone", async () => {
  const { page, close } = await openPage(browser, district.url, NARROWEST);
  await signIn(page, district.people.registry);
  await page.goto("/me/second-factor");
  await page.getByRole("button", { name: "设置验证器" }).click();
  await page.getByLabel("密码").fill(district.people.registry.password);
  await page.getByRole("button", { name: "继续" }).click();
  await page.getByRole("img", { name: "供验证器扫描的二维码" }).waitFor();
  await assertFits(page);
  const secret = await page.locator("code.secret").innerText();
  await page.getByLabel("输入应用显示的六位验证码").fill(code(secret, Date.now()));
  await page.getByRole("button", { name: "确认" }).click();
  await page.getByRole("list", { name: "恢复码" }).waitFor();
  await assertFits(page);
  await firstStep(page, district.people.registry);
  await page.getByLabel("验证码").waitFor();
  await assertFits(page);
  await assertAccessible(page);
  await close();
});

/** Signs out and enters login and password again. */
async function firstStep(page, person) {
  await page.getByRole("button", { name: "退出" }).click();
  await page.getByRole("heading", { name: "登录呼应" }).waitFor();
  await page.getByLabel("账号").fill(person.login);
  await page.getByLabel("密码").fill(person.password);
  await page.getByRole("button", { name: "登录", exact: true }).click();
  await page.getByRole("heading", { name: "登录验证" }).waitFor();
}

/** The code of RFC 6238, as a device works it out. */
function code(base32, milliseconds) {
  const bits = [...base32].map((one) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(one).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(milliseconds / 30_000)));
  const mac = createHmac("sha1", key).update(step).digest();
  const number = mac.readUInt32BE(mac.at(-1) & 0xf) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}
