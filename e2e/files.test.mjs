// A report with photographs: taken or chosen, taken out again, their place offered, seen in the case by who may.
import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import { assertAccessible } from "./lib/accessible.mjs";
import { assertFits, NARROWEST, openPage, PHONE, signIn, startDistrictAndBrowser } from "./lib/browser.mjs";

const { district, browser } = await startDistrictAndBrowser();

/** In the district, where the camera says it was. */
const PLACE = { latitude: 30.002, longitude: 120.002 };

function chunk(name, content) {
  const body = Buffer.concat([Buffer.from(name), content]);
  let crc = 0xffffffff;
  for (const byte of body) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  sum.writeUInt32BE(~crc >>> 0);
  return Buffer.concat([length, body, sum]);
}

/** What a camera writes beside the picture: its place, in degrees. */
function exif({ latitude, longitude }) {
  const tiff = Buffer.alloc(128);
  tiff.write("II*\0", 0, "latin1");
  const entry = (at, tag, kind, count, value) => {
    tiff.writeUInt16LE(tag, at);
    tiff.writeUInt16LE(kind, at + 2);
    tiff.writeUInt32LE(count, at + 4);
    if (typeof value === "string") tiff.write(value, at + 8, "latin1");
    else tiff.writeUInt32LE(value, at + 8);
  };
  tiff.writeUInt32LE(8, 4);
  tiff.writeUInt16LE(1, 8);
  entry(10, 0x8825, 4, 1, 26);
  tiff.writeUInt16LE(4, 26);
  entry(28, 1, 2, 2, "N");
  entry(40, 2, 5, 3, 80);
  entry(52, 3, 2, 2, "E");
  entry(64, 4, 5, 3, 104);
  for (const [at, degrees] of [[80, latitude], [104, longitude]]) {
    const whole = Math.trunc(degrees);
    [whole, 1, 0, 1, Math.round((degrees - whole) * 36_000_000), 10_000].forEach((value, place) => tiff.writeUInt32LE(value, at + 4 * place));
  }
  return tiff;
}

/** A photograph of stripes. */
function photograph(place, width = 640, height = 480) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const rows = Buffer.alloc(height * (1 + width * 3));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) rows.set([x & 255, y & 255, (x + y) & 32 ? 200 : 80], y * (1 + width * 3) + 1 + x * 3);
  }
  const parts = [chunk("IHDR", head), ...(place ? [chunk("eXIf", exif(place))] : []), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))];
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), ...parts]);
}

const picture = (name, buffer) => ({ name, mimeType: "image/png", buffer });
const shots = process.env.SHOTS;
const shoot = async (page, name) => shots && (await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true }));

let number;

test("a report with photographs: one is taken out, one is no photograph, the place of one is used", async () => {
  const { page, complaints, close } = await openPage(browser, district.url, PHONE);
  await signIn(page, district.people.dispatcher);
  await page.goto("/report");
  await page.getByLabel("发生了什么").fill("井盖破损。");
  const choose = page.getByLabel("选择照片");
  await choose.setInputFiles([picture("井盖.png", photograph(PLACE)), picture("旁边.png", photograph())]);
  await page.getByRole("img", { name: "照片 2" }).waitFor();
  await page.getByRole("button", { name: "使用照片中的位置" }).click();
  await page.getByText(/小样区 › 东亭街道 › .+社区 › .+网格/).waitFor();
  await choose.setInputFiles([picture("page.png", Buffer.from("<html><script>alert(1)</script>"))]);
  await page.getByRole("alert").filter({ hasText: "不接受这种文件" }).waitFor();
  await shoot(page, "report-phone");
  await assertFits(page);
  await assertAccessible(page);
  await page.getByRole("button", { name: "删除照片 3" }).click();
  await page.getByRole("button", { name: "删除照片 2" }).click();
  assert.equal(await page.getByRole("img", { name: /照片/ }).count(), 1);
  await page.getByRole("button", { name: "上报", exact: true }).click();
  number = /编号 (\S+?)。/.exec(await page.getByRole("status").innerText())[1];
  assert.deepEqual(complaints, []);
  await close();
});

/** How wide a picture on the page is by itself, in pixels, once it is there. */
async function widthOf(image) {
  await image.waitFor();
  return image.evaluate((element) => element.decode().then(() => element.naturalWidth));
}

test("the case shows the photograph small, and large when it is chosen", async () => {
  const { page, complaints, close } = await openPage(browser, district.url);
  await signIn(page, district.people.dispatcher);
  await page.goto(`/cases/${number}`);
  const small = page.getByRole("button", { name: "放大照片 1" });
  assert.equal(await widthOf(small.getByRole("img")), 320);
  await shoot(page, "case-desk");
  await assertAccessible(page);
  await small.click();
  const dialog = page.getByRole("dialog");
  assert.equal(await widthOf(dialog.getByRole("img")), 640);
  await shoot(page, "case-large");
  await dialog.getByRole("button", { name: "关闭" }).click();
  assert.equal(await page.getByRole("img", { name: /照片/ }).count(), 1);
  assert.deepEqual(complaints, []);
  await close();
});

test("the narrowest phone shows it without scrolling sideways", async () => {
  const { page, close } = await openPage(browser, district.url, NARROWEST);
  await signIn(page, district.people.dispatcher);
  await page.goto(`/cases/${number}`);
  await page.getByRole("button", { name: "放大照片 1" }).waitFor();
  await assertFits(page);
  await page.getByRole("button", { name: "放大照片 1" }).click();
  await page.getByRole("dialog").getByRole("img").waitFor();
  await assertFits(page);
  await close();
});

test("who is not signed in is shown no photograph, and what is shown runs nothing", async () => {
  const { page, close } = await openPage(browser, district.url);
  await signIn(page, district.people.dispatcher);
  await page.goto(`/cases/${number}`);
  const address = await page.getByRole("button", { name: "放大照片 1" }).getByRole("img").getAttribute("src");
  const answer = await page.request.get(address);
  assert.match(answer.headers()["content-security-policy"], /sandbox/);
  assert.equal(answer.headers()["cache-control"], "private, no-store");
  assert.equal(answer.headers()["x-content-type-options"], "nosniff");
  assert.equal((await fetch(new URL(address, district.url))).status, 401);
  await close();
});
