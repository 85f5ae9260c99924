import { parseDecimal } from "./parameters.ts";

/**
 * The whole body of a request, if it has at most `maxBytes`. The announced length is looked at before a byte is read, and
 * reading stops as soon as there is more: a client cannot make us hold more than `maxBytes`.
 */
export async function readBody(request: Request, maxBytes: number): Promise<Uint8Array | undefined> {
  const announced = parseDecimal(request.headers.get("content-length"));
  if (announced !== undefined && announced > maxBytes) return undefined;
  if (request.body === null) return new Uint8Array(0);
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of request.body as ReadableStream<Uint8Array>) {
    // the platform gives bytes; its type says any
    length += piece.length;
    if (length > maxBytes) return undefined;
    pieces.push(piece);
  }
  const body = new Uint8Array(length);
  let offset = 0;
  for (const piece of pieces) {
    body.set(piece, offset);
    offset += piece.length;
  }
  return body;
}
