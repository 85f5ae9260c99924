import type { Random } from "@stonechat/crypto";
import { WireError } from "@stonechat/protocol";
import type { BlockFile } from "../../ports/block-file.ts";
import type { BlockFiles } from "../../ports/block-files.ts";
import { decodeDeviceRecord, encodeDeviceRecord, RECORD_COPY_BYTES, type DeviceRecord } from "./device-record.ts";

export const DEVICE_FILE = "device";
const FILE_BYTES = 2 * RECORD_COPY_BYTES;

/** Keeps the device record in two places in turn, so that a torn write leaves the record before it. */
export class DeviceStore {
  readonly #files: BlockFiles;
  readonly #random: Random;

  constructor(files: BlockFiles, random: Random) {
    this.#files = files;
    this.#random = random;
  }

  /** The newest whole record. `none`: no file, or nothing in it that can be read. */
  async read(): Promise<DeviceRecord["state"] | undefined> {
    if (!(await this.#files.exists(DEVICE_FILE))) return undefined;
    return this.#with((file) => newest(file)?.state);
  }

  /** Durable when it resolves. If it rejects with StorageError, the old record or the new one is in force. */
  async write(state: DeviceRecord["state"]): Promise<void> {
    await this.#with((file) => {
      if (file.size() < FILE_BYTES) file.write(this.#random.bytes(FILE_BYTES - file.size()), file.size());
      const sequence = (newest(file)?.sequence ?? 0) + 1;
      file.write(encodeDeviceRecord({ sequence, state }), (sequence % 2) * RECORD_COPY_BYTES);
      file.flush();
    });
  }

  /** Overwrites the older copy too, so that the file holds nothing but the newest record. */
  async forgetOlder(): Promise<void> {
    await this.#with((file) => {
      const sequence = newest(file)?.sequence;
      if (sequence === undefined) return;
      file.write(this.#random.bytes(RECORD_COPY_BYTES), ((sequence + 1) % 2) * RECORD_COPY_BYTES);
      file.flush();
    });
  }

  /** Overwrites the file and removes it. */
  async destroy(): Promise<void> {
    if (!(await this.#files.exists(DEVICE_FILE))) return;
    await this.#with((file) => {
      file.write(this.#random.bytes(FILE_BYTES), 0);
      file.flush();
    });
    await this.#files.delete(DEVICE_FILE);
  }

  async #with<T>(work: (file: BlockFile) => T): Promise<T> {
    const file = await this.#files.open(DEVICE_FILE);
    try {
      return work(file);
    } finally {
      file.close();
    }
  }
}

function newest(file: BlockFile): DeviceRecord | undefined {
  const records = [0, 1].flatMap((place) => readCopy(file, place) ?? []);
  return records.toSorted((a, b) => b.sequence - a.sequence)[0];
}

function readCopy(file: BlockFile, place: number): DeviceRecord | undefined {
  const copy = new Uint8Array(RECORD_COPY_BYTES);
  if (file.read(copy, place * RECORD_COPY_BYTES) !== copy.length) return undefined;
  try {
    return decodeDeviceRecord(copy);
  } catch (error) {
    // Torn, or never written: the other copy counts.
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
