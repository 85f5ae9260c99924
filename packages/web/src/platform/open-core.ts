import { createClient, initCrypto, StorageError, systemRandom, type Client } from "@stonechat/core";
import type { OpenFailure } from "./client-protocol.ts";
import { openOpfsBlockFiles } from "./opfs-block-files.ts";
import { webClock } from "./web-clock.ts";
import { webFiles } from "./web-files.ts";
import { createWebHttp } from "./web-http.ts";
import { loadWebSqlite } from "./web-sqlite.ts";
import { webTransport } from "./web-transport.ts";

const FOLDER = "stonechat";
/** A tab that was just ended gives its files back a moment later. */
const BUSY_TRIES = 12;
const BUSY_WAIT_MS = 250;

/**
 * Builds the core with a browser worker's ports.
 *
 * @throws StorageError `busy` if another tab keeps the files; others as `createClient` throws them.
 */
export async function openCore(): Promise<Client> {
  const [sqlite, files] = await Promise.all([loadWebSqlite(), openOpfsBlockFiles(FOLDER), initCrypto()]);
  const ports = {
    sqlite,
    files,
    filePort: webFiles,
    clock: webClock,
    random: systemRandom(),
    transport: webTransport,
    http: createWebHttp(),
    // Its errors name operations and codes, never content.
    report: (error: unknown) => {
      console.error(error);
    },
  };
  for (let tries = 1; ; tries += 1) {
    try {
      return await createClient(ports);
    } catch (error) {
      if (!(error instanceof StorageError) || error.code !== "busy" || tries === BUSY_TRIES) throw error;
      await new Promise((resolve) => {
        setTimeout(resolve, BUSY_WAIT_MS);
      });
    }
  }
}

/** What to tell the page about why the core could not be opened. */
export function toOpenFailure(error: unknown): OpenFailure {
  if (error instanceof StorageError) {
    switch (error.code) {
      case "busy":
        return "in-use";
      case "newer-version":
        return "newer-version";
      case "full":
      case "corrupt":
      case "io":
        return isRefusedByBrowser(error.cause) ? "unsupported" : "storage";
    }
  }
  return isRefusedByBrowser(error) ? "unsupported" : "internal";
}

function isRefusedByBrowser(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.name === "SecurityError" || error.name === "NotSupportedError" || error.name === "TypeError")
  );
}
