import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createVaultDoor, openDatabase, systemRandom, type Client, type OpenVault } from "@stonechat/core";
import { DATABASE_FILE } from "@stonechat/core/container";
import { openNodeBlockFiles } from "../packages/cli/src/platform/node-block-files.ts";
import { nodeClock } from "../packages/cli/src/platform/node-clock.ts";
import { nodeGuardTransport } from "../packages/cli/src/platform/node-guard-transport.ts";
import { loadNodeSqlite } from "../packages/cli/src/platform/node-sqlite.ts";
import { openNodeCore } from "../packages/cli/src/platform/open-core.ts";
import { MIGRATIONS } from "../packages/core/src/vault/schema.ts";
import { createProse } from "./prose.ts";

const BATCH = 5000;
const TEXT_BYTES = 66;
const PATIENCE_MS = 30_000;
/** Far above what the relay has given to the few real entries. */
const FIRST_ORD = 8_000;
const ORD_STEP = 8;
const MINUTE_MS = 60_000;

/** A vault that lies at the relay. */
export interface SeededVault {
  readonly pin: string;
  /** The words of the journey. */
  readonly words: string;
  readonly newest: string;
}

/** Makes an account in a vault with a PIN, fills its notes with so many messages, and leaves it at the relay. */
export async function seedVault(relayUrl: string, count: number): Promise<SeededVault> {
  const folder = mkdtempSync(join(tmpdir(), "stonechat-bench-seed-"));
  const files = await openNodeBlockFiles(folder);
  try {
    const ports = { clock: nodeClock, random: systemRandom(), guardTransport: nodeGuardTransport() };
    const door = createVaultDoor({ ...ports, files });
    const pin = door.proposePin();
    const vault = await door.create({ mode: "pin", relayUrl, pin, kind: "destroy" });
    const first = await openNodeCore(vault, fail);
    await makeAccount(first, relayUrl);
    await first.close();
    const newest = await fillNotes(vault, count);
    const client = await openNodeCore(vault, fail);
    await client.start();
    const { words } = await client.prepareTravel();
    await vault.close();
    await door.forget();
    return { pin, words: words.join(" "), newest };
  } finally {
    files.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function fail(error: unknown): void {
  console.error(error);
}

async function makeAccount(client: Client, relayUrl: string): Promise<void> {
  await client.start();
  await client.createAccount({ name: "Ada", relayUrl, deviceName: "bench" });
  const [notes] = await client.conversations();
  if (notes === undefined) throw new RangeError("an account has a conversation with itself");
  await client.send(notes.id, { text: "the first" });
  if (!(await client.settle(PATIENCE_MS))) throw new RangeError("the relay does not answer");
}

/** More messages like the one that is there. @returns The text of the newest. */
async function fillNotes(vault: OpenVault, count: number): Promise<string> {
  const database = await openDatabase({
    sqlite: await loadNodeSqlite(),
    files: vault.files,
    name: DATABASE_FILE,
    migrations: MIGRATIONS,
  });
  const prose = createProse(1);
  const random = systemRandom();
  let text = "";
  for (let done = 0; done < count; done += BATCH) {
    await database.transaction((tx) => {
      for (let at = done; at < Math.min(count, done + BATCH); at += 1) {
        text = prose(TEXT_BYTES);
        const sentBefore = (count - at) * MINUTE_MS;
        tx.run(
          `INSERT INTO messages (conversation, ord, message_id, sender, sent_at, received_at, type, text, state, roster)
           SELECT conversation, ?, ?, sender, sent_at - ?, received_at - ?, type, ?, state, roster
           FROM messages WHERE type = 'message' ORDER BY id LIMIT 1`,
          ...[FIRST_ORD + at * ORD_STEP, random.bytes(16), sentBefore, sentBefore, text],
        );
        tx.run("INSERT INTO message_words (rowid, text) VALUES (last_insert_rowid(), ?)", text);
      }
      tx.run("UPDATE conversations SET read_ord = ?", FIRST_ORD + count * ORD_STEP);
    });
  }
  await database.close();
  return text;
}
