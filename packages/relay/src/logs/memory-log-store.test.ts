import { initCrypto } from "@stonechat/crypto/issuer";
import { CONTRACT_LIMITS, describeLogStore } from "@stonechat/testkit";
import { MemoryLogStore } from "./memory-log-store.ts";

await initCrypto();

describeLogStore("memory", () =>
  Promise.resolve({ store: new MemoryLogStore(CONTRACT_LIMITS), close: () => Promise.resolve() }),
);
