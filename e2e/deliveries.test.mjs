import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { after, test } from "node:test";
import { assertAccessible } from "./lib/accessible.mjs";
import { assertFits, NARROWEST, openPage, PHONE, signIn, startDistrictAndBrowser } from "./lib/browser.mjs";

const { district, browser } = await startDistrictAndBrowser({ HUYING_WEBHOOK_NETWORKS: '["127.0.0.0/8"]' });

/** Another system: says that it is gone until it is told otherwise. */
const came = [];
let status = 410;
const receiver = createServer((request, response) => {
  let body = "";
  request.on("data", (data) => (body += data));
  request.on("end", () => {
    came.push({ headers: request.headers, body });
    response.writeHead(status).end();
  });
});
await new Promise((resolve) => receiver.listen(0, "127.0.0.1", resolve));
after(() => receiver.close());
const address = `http://127.0.0.1:${receiver.address().port}/hook`;

/** Someone reports a case. */
async function report(page) {
  return page.evaluate(async () => {
    const { bounds } = await (await fetch("/api/v1/district")).json();
    const point = { longitude: bounds[0] + 0.3 * (bounds[2] - bounds[0]), latitude: bounds[1] + 0.3 * (bounds[3] - bounds[1]) };
    const body = JSON.stringify({ words: "路灯不亮", kind: "component", point });
    return (await fetch("/api/v1/cases", { method: "POST", headers: { "content-type": "application/json" }, body })).status;
  });
}

test("a system is told of a case, is gone, and is told again when it is back", async () => {
  const { page, complaints, close } = await openPage(browser, district.url);
  await signIn(page, district.people.system_administrator);
  await page.getByRole("link", { name: "投递" }).click();
  await page.getByText("没有这样的投递").waitFor();
  await page.getByLabel("地址（https）").fill("https://10.0.0.1/hook");
  await page.getByLabel(/事实种类/).fill("case.registered");
  await page.getByLabel(/岗位，用空格分开/).fill("S1.dispatcher");
  await page.getByRole("button", { name: "开通" }).click();
  await page.getByRole("alert").getByText("不允许推送").waitFor();
  await page.getByLabel("地址（https）").fill(address);
  await page.getByRole("button", { name: "开通" }).click();
  const secret = await page.getByText(/^whsec_/).textContent();

  const other = await openPage(browser, district.url);
  await signIn(other.page, district.people.grid_worker);
  assert.equal(await report(other.page), 201);
  await other.close();

  const again = page.getByRole("button", { name: "重新投递" });
  await again.waitFor();
  await page.getByText("http-410").waitFor();
  await assertFits(page);
  await assertAccessible(page);
  if (process.env.HUYING_SCREENSHOTS) await page.screenshot({ path: `${process.env.HUYING_SCREENSHOTS}/deliveries.png`, fullPage: true });
  status = 204;
  await again.click();
  await page.getByText("没有这样的投递").waitFor();
  await page.getByLabel("状态").selectOption("已发出");
  await page.waitForURL("**/deliveries?state=sent");
  await page.getByText("case.registered · webhook/").waitFor();

  assert.equal(came.length, 2);
  const [first, last] = came;
  assert.equal(first.headers["webhook-id"], last.headers["webhook-id"]);
  const signed = `${last.headers["webhook-id"]}.${last.headers["webhook-timestamp"]}.${last.body}`;
  const mac = createHmac("sha256", Buffer.from(secret.slice("whsec_".length), "base64")).update(signed).digest("base64");
  assert.equal(last.headers["webhook-signature"], `v1,${mac}`);
  assert.equal(JSON.parse(last.body).type, "huying.case.registered");
  await page.getByRole("button", { name: "关闭" }).click();
  await page.getByText("还没有向任何系统推送").waitFor();
  assert.deepEqual(complaints, []);
  await close();
});

test("one says where one is reached, on a phone; a wrong number is refused in words", async () => {
  const { page, complaints, close } = await openPage(browser, district.url, PHONE);
  await signIn(page, district.people.dispatcher);
  await page.getByRole("link", { name: "通知" }).first().click();
  await page.getByRole("link", { name: "通知方式" }).click();
  await page.getByLabel("手机号码").fill("138 0000");
  await page.getByRole("button", { name: "保存" }).click();
  await page.getByRole("alert").getByText("5 至 15 位").waitFor();
  await page.getByLabel("手机号码").fill("13800005678");
  await page.getByRole("button", { name: "保存" }).click();
  await page.getByText("已保存").waitFor();
  await assertFits(page);
  await assertAccessible(page);
  if (process.env.HUYING_SCREENSHOTS) await page.screenshot({ path: `${process.env.HUYING_SCREENSHOTS}/contact-phone.png`, fullPage: true });
  await page.reload();
  await page.getByLabel("手机号码").waitFor();
  assert.equal(await page.getByLabel("手机号码").inputValue(), "13800005678");
  assert.deepEqual(complaints, []);
  await close();
});

test("in English, as narrow as can be", async () => {
  const { page, close } = await openPage(browser, district.url, NARROWEST);
  await signIn(page, district.people.system_administrator);
  await page.goto("/deliveries?state=sent");
  await page.getByRole("button", { name: "English" }).click();
  await page.getByRole("heading", { name: "Deliveries" }).waitFor();
  await page.getByText("Webhook", { exact: true }).first().waitFor();
  await assertFits(page);
  await assertAccessible(page);
  if (process.env.HUYING_SCREENSHOTS) await page.screenshot({ path: `${process.env.HUYING_SCREENSHOTS}/deliveries-narrow.png`, fullPage: true });
  await close();
});
