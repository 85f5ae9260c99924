import { createClient, createRevokeRecord, type Client, type OpenVault } from "@stonechat/core";
import { nodeClock } from "./node-clock.ts";
import { nodeFiles } from "./node-files.ts";
import { nodeGuardTransport } from "./node-guard-transport.ts";
import { nodeHttp } from "./node-http.ts";
import { loadNodeSqlite } from "./node-sqlite.ts";
import { nodeTransport } from "./node-transport.ts";
import { loadRandom } from "./system-random.ts";

/**
 * Opens the core on an open vault, which the caller closes after it.
 *
 * @param report - Hears of our own mistakes and of failing storage in the background.
 * @throws StorageError if what is in the vault cannot be opened.
 */
export async function openNodeCore(vault: OpenVault, report: (error: unknown) => void): Promise<Client> {
  const random = await loadRandom();
  return await createClient({
    files: vault.files,
    vault,
    sqlite: await loadNodeSqlite(),
    filePort: nodeFiles,
    clock: nodeClock,
    random,
    transport: nodeTransport,
    http: nodeHttp,
    revokeRecord: createRevokeRecord({ guardTransport: nodeGuardTransport(), clock: nodeClock, random }),
    report,
  });
}
