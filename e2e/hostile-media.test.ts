import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { beforeAll, expect, test } from "vitest";
import { Relay } from "./actors/relay.ts";
import { openStage } from "./actors/stage.ts";
import { Terminal, type Listening } from "./actors/terminal.ts";
import { fill } from "./actors/texts.ts";
import { WebUser } from "./actors/web-user.ts";

/** A place in a photograph: what must not leave the device. */
const PLACE = "GPS 52.5200 N 13.4050 E";
const AUTHOR = "photographer: Ann Example";

const stage = openStage();
let ann: WebUser;
let bo: Terminal;
let boHears: Listening;
let folder: string;

beforeAll(async () => {
  const relay = stage.ends(await Relay.start(stage.folder), (one) => one.stop());
  folder = join(stage.folder, "files");
  mkdirSync(folder);
  bo = await Terminal.create(stage.folder, "Bo", relay.url);
  ann = stage.ends(await WebUser.join(stage.folder, "Ann", relay.url), (one) => one.browser.close());
  boHears = stage.ends(bo.listen("--downloads", join(stage.folder, "received")), (one) => one.stop());
  await ann.pasteLink(await bo.invite());
  await boHears.hear({ type: "contact", name: "Ann" });
  await ann.openConversation("Bo");
});

function chunk(type: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, "latin1"), content]);
  const whole = Buffer.alloc(named.length + 8);
  whole.writeUInt32BE(content.length, 0);
  named.copy(whole, 4);
  whole.writeUInt32BE(crc32(named), named.length + 4);
  return whole;
}

/** Black and white; with one row of data, whatever its height says. */
function png(width: number, height: number, rows: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const row = 1 + Math.ceil(width / 8);
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.alloc(row * rows))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

async function receive(name: string, content: Buffer | string): Promise<void> {
  const path = join(folder, name);
  writeFileSync(path, content);
  await bo.done("send", "Ann", name, "--file", path);
  const { page, texts } = ann;
  await page.getByRole("button", { name: fill(texts["attachment.download"], { name }) }).click();
  await page.getByRole("button", { name: fill(texts["attachment.open"], { name }) }).click();
}

async function close(): Promise<void> {
  await ann.page.getByRole("button", { name: ann.texts["action.close"], exact: true }).click();
}

test.each([
  ["bomb.png", png(20_000, 20_000, 60)],
  ["drawing.png", '<svg xmlns="http://www.w3.org/2000/svg" onload="document.title=666"><script/></svg>'],
  ["list.mp3", "#EXTM3U\n#EXTINF:9,\nhttps://evil.example/segment.ts\n"],
  ["film.mp4", "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttps://evil.example/segment.ts\n"],
  ["page.webp", "<html><script>document.title=666</script></html>"],
])("%s is not shown, and nobody is asked for more of it", async (name, content) => {
  await receive(name, content);
  await ann.page.getByRole("alert").filter({ hasText: ann.texts["attachment.not-shown"] }).waitFor();
  expect(await ann.page.locator("img, audio, video").count()).toBe(0);
  await close();
  expect(ann.browser.problems).toEqual([]);
});

test("a picture that is one is shown", async () => {
  await receive("good.png", png(30, 20, 20));
  const picture = ann.page.getByRole("img", { name: "good.png" });
  await picture.waitFor();
  await expect.poll(() => picture.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(30);
  await close();
  expect(ann.browser.problems).toEqual([]);
});

test.each(["image/jpeg", "image/png", "image/webp"])(
  "what a photograph of type %s tells of place and author stays behind when it is sent",
  async (mimeType) => {
    const name = `photo.${mimeType.slice("image/".length)}`;
    const buffer = withMetadata(await draw(mimeType), mimeType);
    expect(buffer.includes(PLACE) && buffer.includes(AUTHOR)).toBe(true);
    await ann.sendFiles([{ name, mimeType, buffer }]);
    const path = join(stage.folder, "received", name);
    await expect
      .poll(() => boHears.lines.some((line) => JSON.stringify(line).includes(path)), { timeout: 20_000 })
      .toBe(true);
    const received = readFileSync(path);
    expect(received.length).toBeGreaterThan(100);
    for (const told of [PLACE, AUTHOR, "Exif\0\0", "eXIf", "EXIF", "tEXt", "XMP "])
      expect(received.includes(told)).toBe(false);
  },
);

/** A picture as the browser encodes it. */
async function draw(mimeType: string): Promise<Buffer> {
  const bytes = await ann.page.evaluate(async (type) => {
    const canvas = new OffscreenCanvas(60, 40);
    canvas.getContext("2d")?.fillRect(5, 5, 20, 20);
    return [...new Uint8Array(await (await canvas.convertToBlob({ type })).arrayBuffer())];
  }, mimeType);
  return Buffer.from(bytes);
}

/** The same picture with what a camera writes beside it. */
function withMetadata(picture: Buffer, mimeType: string): Buffer {
  const told = Buffer.from(`${PLACE}\n${AUTHOR}\n`, "latin1");
  if (mimeType === "image/jpeg") {
    const exif = Buffer.concat([Buffer.from("Exif\0\0", "latin1"), told]);
    const head = Buffer.from([0xff, 0xe1, 0, exif.length + 2]);
    return Buffer.concat([picture.subarray(0, 2), head, exif, picture.subarray(2)]);
  }
  if (mimeType === "image/png") {
    const comment = chunk("tEXt", Buffer.concat([Buffer.from("Comment\0", "latin1"), told]));
    return Buffer.concat([picture.subarray(0, 33), comment, picture.subarray(33)]);
  }
  // Chunks that are not known are passed over (RFC 9649 §2.7.1.6); told has an even length.
  const even = told.length % 2 === 0 ? told : Buffer.concat([told, Buffer.from("\n")]);
  const head = Buffer.alloc(8);
  head.write("XMP ", "latin1");
  head.writeUInt32LE(even.length, 4);
  const whole = Buffer.concat([picture, head, even]);
  whole.writeUInt32LE(whole.length - 8, 4);
  return whole;
}
