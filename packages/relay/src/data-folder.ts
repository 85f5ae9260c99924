import { join } from "node:path";
import { DataFolderError, lockDataFolder } from "@stonechat/serving";
import { unfinishedWork, type Work } from "./operating/unfinished-work.ts";

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

/**
 * Takes the relay's data folder. @throws DataFolderError.
 *
 * @param work - What was begun there and not finished is to be finished now; a relay cannot start on it.
 */
export function takeDataFolder(folder: string, work?: Work): DataFolder {
  const lock = lockDataFolder(folder, "relay");
  const unfinished = unfinishedWork(folder);
  if (unfinished !== undefined && unfinished !== work) {
    lock.release();
    throw new DataFolderError("unfinished", `a ${unfinished} of the data folder was not finished: run it again`);
  }
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
