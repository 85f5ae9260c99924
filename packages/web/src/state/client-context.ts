import { createContext, use } from "react";
import type { AccountView, Client } from "@stonechat/core/client-api";
import type { LiveAnswers } from "./live.ts";

/** What every screen behind the welcome screen has. */
export interface ClientScope {
  readonly client: Client;
  readonly answers: LiveAnswers;
  readonly account: AccountView;
}

export const ClientContext = createContext<ClientScope | undefined>(undefined);

/** @throws RangeError outside of a signed-in screen: our mistake. */
export function useClient(): ClientScope {
  const scope = use(ClientContext);
  if (scope === undefined) throw new RangeError("no client here");
  return scope;
}
