// Debian's Chromium, fresh each time, and pages that must not complain.
import assert from "node:assert/strict";
import { after } from "node:test";
import { chromium } from "playwright-core";
import { startDistrict } from "./district.mjs";

/** What all tests of a file share; it is gone after the last of them. */
export async function startDistrictAndBrowser(settings = {}) {
  const [district, browser] = await Promise.all([startDistrict(undefined, settings), startBrowser()]);
  after(async () => {
    await browser.close();
    await district.stop();
  });
  return { district, browser };
}

export function startBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ],
  });
}

export const DESK = { width: 1440, height: 900 };
export const PHONE = { width: 375, height: 740 };
export const NARROWEST = { width: 320, height: 640 };

/** A page in a context of its own; `complaints` gathers errors of scripts and breaches of the content policy. */
export async function openPage(browser, url, viewport = DESK) {
  const context = await browser.newContext({ viewport, baseURL: url, locale: "zh-CN", reducedMotion: "reduce" });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    // A refused request is no fault of the page: it shows the refusal.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) complaints.push(message.text());
  });
  return { page, complaints, close: () => context.close() };
}

export async function signIn(page, person) {
  await page.goto("/sign-in");
  await page.getByLabel("账号").fill(person.login);
  await page.getByLabel("密码").fill(person.password);
  await page.getByRole("button", { name: "登录" }).click();
  await page.getByRole("button", { name: "退出" }).waitFor();
}

/** Nothing on the page is wider than the screen. */
export async function assertFits(page) {
  const { scrolled, seen } = await page.evaluate(() => ({
    scrolled: document.documentElement.scrollWidth,
    seen: document.documentElement.clientWidth,
  }));
  assert.ok(scrolled <= seen, `${page.url()} is ${scrolled} px wide on a screen of ${seen} px`);
}

/** An address that is not there, or not for a dispatcher, is refused in words. */
export async function assertRefused(browser, district, address) {
  const { page, close } = await openPage(browser, district.url);
  await signIn(page, district.people.dispatcher);
  await page.goto(address);
  await page.getByRole("alert").waitFor();
  await close();
}
