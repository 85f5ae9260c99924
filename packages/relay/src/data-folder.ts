import { join } from "node:path";
import { lockDataFolder } from "@stonechat/serving";

/** A data folder that this process alone uses until `release`. */
export interface DataFolder {
  readonly store: string;
  readonly blobs: string;
  readonly admission: string;
  release(): void;
}

/** Takes the relay's data folder. @throws DataFolderError. */
export function takeDataFolder(folder: string): DataFolder {
  const lock = lockDataFolder(folder, "relay");
  return {
    store: join(folder, "relay.sqlite"),
    blobs: join(folder, "blobs"),
    admission: join(folder, "admission.sqlite"),
    release: () => {
      lock.release();
    },
  };
}
