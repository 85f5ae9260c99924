import { initCrypto, systemRandom } from "@stonechat/crypto";

/** Random bytes of the operating system. */
export async function randomBytes(length: number): Promise<Uint8Array> {
  await initCrypto();
  return systemRandom().bytes(length);
}
