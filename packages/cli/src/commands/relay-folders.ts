import type * as Operating from "@stonechat/relay/operating";
import { refuse } from "../failure.ts";

/** Does something to a relay's folders, and says in a sentence why it could not. @throws CliFailure. */
export async function explainFolders<T>(work: (operating: typeof Operating) => Promise<T>): Promise<T> {
  const operating = await import("@stonechat/relay/operating");
  const { DataFolderError } = await import("@stonechat/serving");
  try {
    return await work(operating);
  } catch (error) {
    if (error instanceof operating.BackupError || error instanceof operating.RefusedError)
      throw refuse(error.message, { cause: error });
    if (error instanceof DataFolderError)
      throw refuse(`The data folder cannot be used: ${error.message}.`, { cause: error });
    throw error;
  }
}
