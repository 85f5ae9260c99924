import { createClient, type Client, type OpenVault } from "@stonechat/core";
import { nodeClock } from "./node-clock.ts";
import { nodeFiles } from "./node-files.ts";
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
  return await createClient({
    files: vault.files,
    vault,
    sqlite: await loadNodeSqlite(),
    filePort: nodeFiles,
    clock: nodeClock,
    random: await loadRandom(),
    transport: nodeTransport,
    http: nodeHttp,
    report,
  });
}
