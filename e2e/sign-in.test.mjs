import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccessible } from "./lib/accessible.mjs";
import { assertFits, NARROWEST, openPage, signIn, startDistrictAndBrowser } from "./lib/browser.mjs";

const { district, browser } = await startDistrictAndBrowser();

test("who is not signed in is asked to, and comes back to where they wanted to go", async () => {
  const { page, complaints, close } = await openPage(browser, district.url);
  await page.goto("/areas");
  await page.getByRole("heading", { name: "登录呼应" }).waitFor();
  await page.getByLabel("账号").fill(district.people.dispatcher.login);
  await page.getByLabel("密码").fill(district.people.dispatcher.password);
  await page.getByRole("button", { name: "登录" }).click();
  await page.waitForURL("**/areas");
  assert.deepEqual(complaints, []);
  await close();
});

test("in a demonstration one of the invented people is chosen by a click", async () => {
  const { page, close } = await openPage(browser, district.url);
  await page.goto("/sign-in");
  await page.getByRole("button", { name: district.people.registry.login }).click();
  await page.getByRole("heading", { name: /待办事件/ }).waitFor();
  await close();
});

test("a wrong password is refused in words, in the language chosen", async () => {
  const { page, close } = await openPage(browser, district.url);
  await page.goto("/sign-in");
  await page.getByRole("button", { name: "English" }).click();
  await page.getByLabel("Login").fill(district.people.dispatcher.login);
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").getByText("Login or password is wrong.").waitFor();
  assert.match(page.url(), /sign-in/);
  await page.getByRole("button", { name: "中文" }).click();
  await page.getByRole("heading", { name: "登录呼应" }).waitFor();
  await close();
});

test("signing out ends the session, not only the page's memory of it", async () => {
  const { page, close } = await openPage(browser, district.url);
  await signIn(page, district.people.handler);
  await page.getByRole("button", { name: "退出" }).click();
  await page.getByRole("heading", { name: "登录呼应" }).waitFor();
  await page.goto("/");
  await page.getByRole("heading", { name: "登录呼应" }).waitFor();
  await close();
});

test("the page to sign in fits the narrowest phone and can be used without seeing it", async () => {
  const { page, close } = await openPage(browser, district.url, NARROWEST);
  await page.goto("/sign-in");
  await page.getByRole("heading", { name: "登录呼应" }).waitFor();
  await assertFits(page);
  await assertAccessible(page);
  await close();
});
