import type { MlsPrimitives } from "@stonechat/crypto";
import type { MlsErrorCode } from "./contract.ts";
import { refusing } from "./refusal.ts";

const NOTHING = new Uint8Array(0);

/**
 * [Note: Why each encryption key is tried] A key that nobody can encrypt to is as good as any until somebody must:
 * then every commit whose path leads past it fails. So a key is tried before its node enters the tree.
 *
 * @throws MlsError `code` if nothing can be encrypted to `publicKey` (FIPS 203 §7.2).
 */
export function requireUsableKey(primitives: MlsPrimitives, publicKey: Uint8Array, code: MlsErrorCode): void {
  refusing(code, () => primitives.hpkeSeal(publicKey, NOTHING, NOTHING, NOTHING));
}
