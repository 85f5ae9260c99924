import jsQR from "jsqr";
import { decodePicture } from "../conversation/decode-picture.ts";
import { fitSize } from "../conversation/fit-size.ts";

const LONGEST_SIDE = 1_600;

/** The text of a QR code in a picture or a camera's frame, if there is one. */
export async function readQr(source: CanvasImageSource, width: number, height: number): Promise<string | undefined> {
  const size = fitSize({ width, height }, LONGEST_SIDE);
  const canvas = new OffscreenCanvas(size.width, size.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) return undefined;
  context.drawImage(source, 0, 0, size.width, size.height);
  const { data } = context.getImageData(0, 0, size.width, size.height);
  // One turn of the event loop between frames keeps the page answering.
  await new Promise((resolve) => {
    setTimeout(resolve);
  });
  const found = jsQR(data, size.width, size.height, { inversionAttempts: "dontInvert" });
  return found === null || found.data === "" ? undefined : found.data;
}

/** The same from a picture file. `undefined` also for a file that is no picture. */
export async function readQrFromFile(file: Blob): Promise<string | undefined> {
  const bitmap = await decodePicture(file);
  if (bitmap === undefined) return undefined;
  const text = await readQr(bitmap, bitmap.width, bitmap.height);
  bitmap.close();
  return text;
}
