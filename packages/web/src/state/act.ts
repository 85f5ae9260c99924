import { ClientError } from "@stonechat/core/client-api";
import { t, type TextId } from "../locales/texts.ts";
import { EndedCallError } from "../platform/remote-client.ts";
import { notify } from "./notices.ts";

/** What a person reads about a failure: what happened and what to do. */
export function describeError(error: unknown): string {
  if (error instanceof ClientError) return t(`error.${error.code}` satisfies TextId);
  return t("error.internal");
}

/** Does `work`; a refusal is shown as a notice. Resolves to whether it was done. */
export async function act(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof ClientError && error.code === "cancelled") return false; // the user's own doing
    if (error instanceof EndedCallError) return false; // locked meanwhile: a lock screen tells nothing of before
    notify({ tone: "error", text: describeError(error) });
    if (!(error instanceof ClientError)) reportError(error); // a defect: let the console have it
    return false;
  }
}
