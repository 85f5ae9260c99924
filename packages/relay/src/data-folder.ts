import { join } from "node:path";
import { lockDataFolder } from "@stonechat/serving";

/** A data folder that this process alone uses until `release`. */
export interface DataFolder {
  readonly store: string;
  /** A folder of segments, and the database beside it that says which logs there are. */
  readonly segments: string;
  readonly segmentState: string;
  readonly blobs: string;
  readonly admission: string;
  release(): void;
}

/** Takes the relay's data folder. @throws DataFolderError. */
export function takeDataFolder(folder: string): DataFolder {
  const lock = lockDataFolder(folder, "relay");
  return {
    store: join(folder, "relay.sqlite"),
    segments: join(folder, "segments"),
    segmentState: join(folder, "segments.sqlite"),
    blobs: join(folder, "blobs"),
    admission: join(folder, "admission.sqlite"),
    release: () => {
      lock.release();
    },
  };
}
