import { initCrypto, systemRandom, type Random } from "@stonechat/core";

/** Randomness of the operating system. */
export async function loadRandom(): Promise<Random> {
  await initCrypto();
  return systemRandom();
}
