import { join } from "node:path";
import { createClient, type Client } from "@stonechat/core";
import { nodeClock } from "./node-clock.ts";
import { openNodeBlockFiles } from "./node-block-files.ts";
import { nodeFiles } from "./node-files.ts";
import { nodeHttp } from "./node-http.ts";
import { loadNodeSqlite } from "./node-sqlite.ts";
import { nodeTransport } from "./node-transport.ts";
import { loadRandom } from "./system-random.ts";

/**
 * Opens the core on the profile folder `home`.
 *
 * @param report - Hears of our own mistakes and of failing storage in the background.
 * @throws StorageError if the profile cannot be opened.
 */
export async function openNodeCore(home: string, report: (error: unknown) => void): Promise<Client> {
  const files = await openNodeBlockFiles(join(home, "store"));
  try {
    const client = await createClient({
      files,
      sqlite: await loadNodeSqlite(),
      filePort: nodeFiles,
      clock: nodeClock,
      random: await loadRandom(),
      transport: nodeTransport,
      http: nodeHttp,
      report,
    });
    return {
      ...client,
      async close() {
        await client.close();
        files.close();
      },
    };
  } catch (error) {
    files.close();
    throw error;
  }
}
