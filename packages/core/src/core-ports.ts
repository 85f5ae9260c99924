import type { Random } from "@stonechat/crypto";
import type { BlockFiles } from "./ports/block-files.ts";
import type { Clock } from "./ports/clock.ts";
import type { FilePort } from "./ports/file-port.ts";
import type { Http } from "./ports/http.ts";
import type { Transport } from "./ports/transport.ts";
import type { RevokeRecord } from "./recovery/revocations.ts";
import type { OpenVault } from "./vault/open-vault.ts";

/** What a platform gives the core. */
export interface CorePorts {
  readonly files: BlockFiles;
  readonly filePort: FilePort;
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: Transport;
  readonly http: Http;
  /** The vault whose `files` these are; absent where files lie in the open, as in tests. */
  readonly vault?: OpenVault;
  /** Asks a guard to destroy the record of a lost device. Absent, such records stay until their guesses run out. */
  readonly revokeRecord?: RevokeRecord;
  /** Hears of our own mistakes and of storage that fails in the background. */
  readonly report: (error: unknown) => void;
}
