import { initCrypto } from "@stonechat/crypto";
import { beforeAll } from "vitest";
import { describeBlobTransport } from "./blob-transport-contract.ts";
import { MemoryBlobTransport } from "./memory-blob-transport.ts";

beforeAll(initCrypto);

describeBlobTransport("memory", async () => {
  const transport = new MemoryBlobTransport();
  transport.maxBlobBytes = 4 * 1024 * 1024;
  const { maxBlobBytes } = transport;
  return Promise.resolve({
    transport,
    maxBlobBytes,
    relayUrl: "https://relay.example",
    close: async () => Promise.resolve(),
  });
});
