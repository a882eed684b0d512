import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccessible } from "./lib/accessible.mjs";
import { assertFits, DESK, NARROWEST, openPage, PHONE, signIn, startDistrictAndBrowser } from "./lib/browser.mjs";

const { district, browser } = await startDistrictAndBrowser();

const FIRST = "Brand-New-Horse-7";
const SECOND = "Other-New-Horse-8";
const person = { login: "wang.fang", password: FIRST };

async function picture(page, name) {
  await assertFits(page);
  await assertAccessible(page);
  if (process.env.HUYING_SCREENSHOTS) await page.screenshot({ path: `${process.env.HUYING_SCREENSHOTS}/${name}.png`, fullPage: true });
}

let code;
let address;

test("the system administrator opens an account and is given a code once", async () => {
  const { page, complaints, close } = await openPage(browser, district.url);
  await signIn(page, district.people.system_administrator);
  await page.getByRole("heading", { name: "账户管理" }).waitFor();
  await page.getByLabel("新账号").fill(person.login);
  await page.getByLabel("姓名").fill("王芳");
  await page.getByRole("button", { name: "开立账号" }).click();
  code = await page.getByText(/^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$/).textContent();
  await page.getByRole("link", { name: person.login }).waitFor();
  await picture(page, "accounts-desk");
  await page.getByRole("link", { name: person.login }).click();
  await page.waitForURL(/\/accounts\/./);
  await page.locator(".chip").getByText("待激活").waitFor();
  address = new URL(page.url()).pathname;
  await page.reload();
  await page.locator(".chip").getByText("待激活").waitFor();
  await picture(page, "account-desk");
  assert.ok(await page.getByRole("button", { name: "重置密码" }).isDisabled(), "the security administrator's");
  assert.deepEqual(complaints, []);
  await close();
});

test("its owner sets a password with the code, and the code opens nothing after", async () => {
  const { page, complaints, close } = await openPage(browser, district.url, PHONE);
  await page.goto("/sign-in");
  await page.getByRole("link", { name: "收到激活码？设置密码" }).click();
  await page.waitForURL(/\/activation/);
  const fill = async (password) => {
    await page.getByLabel("账号", { exact: true }).fill(person.login);
    await page.getByLabel("激活码").fill(code.toLowerCase());
    await page.getByLabel("新密码", { exact: true }).fill(password);
    await page.getByLabel("再次输入新密码").fill(password);
    await page.getByRole("button", { name: "设置密码" }).click();
  };
  await fill("onlyletters");
  await page.getByRole("alert").getByText(/至少 3 类/).waitFor();
  await picture(page, "activation-phone");
  await fill(FIRST);
  await page.getByRole("heading", { name: "密码已设置" }).waitFor();
  await page.goto("/activation");
  await fill(SECOND);
  await page.getByRole("alert").getByText(/激活码已使用/).waitFor();
  assert.deepEqual(complaints, []);
  await close();
});

test("the owner changes the password, which ends the other session, and ends one by hand", async () => {
  const elsewhere = await openPage(browser, district.url);
  await signIn(elsewhere.page, person);
  const { page, complaints, close } = await openPage(browser, district.url);
  await signIn(page, person);
  await page.goto("/me");
  await page.getByText("目前未任岗位。").waitFor();
  await page.getByRole("button", { name: "结束", exact: true }).waitFor();
  await picture(page, "me-desk");
  await page.getByRole("link", { name: "修改密码" }).click();
  await page.getByLabel("当前密码").fill(FIRST);
  await page.getByLabel("新密码", { exact: true }).fill(SECOND);
  await page.getByLabel("再次输入新密码").fill(SECOND);
  await picture(page, "password-desk");
  await page.getByRole("button", { name: "修改密码" }).click();
  await page.getByRole("heading", { name: "密码已修改" }).waitFor();
  await elsewhere.page.goto("/me");
  await elsewhere.page.getByRole("heading", { name: "登录呼应" }).waitFor();
  person.password = SECOND;
  await signIn(elsewhere.page, person);
  await page.goto("/me");
  await page.getByRole("button", { name: "结束", exact: true }).click();
  await page.getByRole("button", { name: "结束", exact: true }).waitFor({ state: "detached" });
  await elsewhere.page.goto("/me");
  await elsewhere.page.getByRole("heading", { name: "登录呼应" }).waitFor();
  assert.deepEqual(complaints, []);
  await elsewhere.close();
  await close();
});

test("the security administrator gives a post, the system administrator disables; both take effect at once", async () => {
  const own = await openPage(browser, district.url, PHONE);
  await signIn(own.page, person);
  const security = await openPage(browser, district.url);
  await signIn(security.page, district.people.security_administrator);
  await security.page.goto(address);
  await security.page.getByRole("combobox", { name: "岗位", exact: true }).selectOption("S1.dispatcher");
  await security.page.getByRole("button", { name: "授予", exact: true }).click();
  await security.page.getByRole("button", { name: "撤销" }).waitFor();
  await picture(security.page, "account-security-desk");
  // Never together with an administration.
  await security.page.getByRole("combobox", { name: "岗位", exact: true }).selectOption("G.audit");
  await security.page.getByRole("button", { name: "授予", exact: true }).click();
  await security.page.getByRole("alert").getByText("同一人不得同时任管理员和业务岗位。").waitFor();
  await security.close();
  await own.page.goto("/");
  await own.page.getByRole("heading", { name: /待办事件/ }).waitFor();

  const system = await openPage(browser, district.url, PHONE);
  await signIn(system.page, district.people.system_administrator);
  await system.page.goto(address);
  await system.page.getByRole("button", { name: "停用" }).click();
  await system.page.getByRole("button", { name: "确认" }).click();
  await system.page.getByRole("button", { name: "启用" }).waitFor();
  await picture(system.page, "account-phone");
  await system.page.goto("/accounts?state=disabled");
  await system.page.getByRole("link", { name: person.login }).waitFor();
  await picture(system.page, "accounts-phone");
  await system.close();
  await own.page.goto("/me");
  await own.page.getByRole("heading", { name: "登录呼应" }).waitFor();
  await own.close();
});

test("the auditor reads all of it, narrows it, and takes it along", async () => {
  for (const [size, name] of [[DESK, "desk"], [NARROWEST, "narrow"]]) {
    const { page, complaints, close } = await openPage(browser, district.url, size);
    await signIn(page, district.people.auditor);
    await page.getByRole("heading", { name: "审计" }).waitFor();
    await page.getByRole("cell", { name: /停用账号/ }).waitFor();
    await picture(page, `audit-acts-${name}`);
    await page.getByRole("combobox", { name: "操作", exact: true }).selectOption("account.post_assigned");
    await page.waitForURL("**/audit/acts?kind=account.post_assigned");
    await page.getByRole("cell", { name: /授予岗位/ }).waitFor();
    await page.getByRole("cell", { name: /停用账号/ }).waitFor({ state: "detached" });
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "导出 CSV" }).click()]);
    assert.equal(file.suggestedFilename(), "acts.csv");
    await page.getByRole("link", { name: "登录记录" }).click();
    await page.getByRole("cell", { name: "登录失败" }).first().waitFor();
    await picture(page, `audit-sign-ins-${name}`);
    await page.getByRole("link", { name: "查看记录" }).click();
    await page.waitForURL("**/audit/access");
    await page.getByText("没有符合条件的记录。").waitFor();
    await page.getByRole("button", { name: "English" }).click();
    await page.getByRole("heading", { name: "Audit" }).waitFor();
    await picture(page, `audit-access-${name}-en`);
    assert.deepEqual(complaints, []);
    await close();
  }
});
