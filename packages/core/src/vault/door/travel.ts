import { WireError } from "@stonechat/protocol";
import { ClientError } from "../../client-error.ts";
import { Container } from "../container/index.ts";
import type { VaultBytes } from "../open-vault.ts";
import { decodeDeviceRecord, encodeDeviceRecord, RECORD_COPY_BYTES, type ReadyDevice } from "./device-record.ts";
import type { DeviceStore } from "./device-store.ts";
import { CONTAINER_FILE, type DoorPorts } from "./ports.ts";
import type { Session } from "./session.ts";

const PIECE_BYTES = 1024 * 1024;

/** The device record, then the container. */
export function exportVault({ device, file }: Session): VaultBytes {
  const record = encodeDeviceRecord({ sequence: 1, state: device });
  const size = RECORD_COPY_BYTES + file.size();
  return {
    size,
    async read(into, at) {
      const length = Math.max(0, Math.min(into.length, size - at));
      const ofRecord = record.subarray(at, at + length);
      into.set(ofRecord);
      const rest = into.subarray(ofRecord.length, length);
      if (rest.length > 0) file.read(rest, at + ofRecord.length - RECORD_COPY_BYTES);
      return Promise.resolve(length);
    },
  };
}

/**
 * Puts in place what {@link exportVault} wrote. Until the last step there is no vault.
 *
 * @throws ClientError `bad-secret` if the record is damaged or the container too short; StorageError.
 */
export async function importVault(ports: DoorPorts, store: DeviceStore, source: VaultBytes): Promise<void> {
  const device = await readRecord(source);
  await store.write({ type: "creating", guards: undefined });
  await ports.files.delete(CONTAINER_FILE);
  const file = await ports.files.open(CONTAINER_FILE);
  try {
    const piece = new Uint8Array(PIECE_BYTES);
    for (let at = RECORD_COPY_BYTES; at < source.size;) {
      const length = await source.read(piece.subarray(0, source.size - at), at);
      if (length === 0) throw new ClientError("bad-secret");
      file.write(piece.subarray(0, length), at - RECORD_COPY_BYTES);
      at += length;
    }
    file.flush();
    Container.open(file, ports.random, ports.sizes);
  } finally {
    file.close();
  }
  await store.write(device);
  await store.forgetOlder();
}

async function readRecord(source: VaultBytes): Promise<ReadyDevice> {
  const copy = new Uint8Array(RECORD_COPY_BYTES);
  await source.read(copy, 0);
  try {
    const { state } = decodeDeviceRecord(copy);
    if (state.type === "ready") return state;
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause;
  }
  throw new ClientError("bad-secret");
}
