import type { Log } from "@stonechat/serving";
import type { Admission } from "../admission/admission.ts";
import type { Clock } from "../clock.ts";
import type { RelayConfig } from "../config.ts";
import type { LogLimits } from "../logs/log-store.ts";
import { NatsWakeUps } from "../nats/nats-wake-ups.ts";
import { CatchUp } from "../service/catch-up.ts";
import { noWakeUps, type WakeUps } from "../service/wake-ups.ts";
import { ChangeFeed } from "./change-feed.ts";
import { postgresAdmission } from "./postgres-admission.ts";
import { PostgresStore } from "./postgres-store.ts";

/** How long a lost wake-up delays an entry at most, besides the reading. */
const LOOK_MS = 2000;

/** What relays over one database share. */
export interface SharedStore {
  readonly store: PostgresStore;
  readonly wakeUps: WakeUps;
  readonly openCodes: () => Admission & { close(): void };
}

/** Opens the database and, if it is set, joins the other relays over NATS. `stack` closes both again. */
export async function openPostgres(
  { postgres: urls = [], nats }: RelayConfig,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  limits: LogLimits,
  stack: AsyncDisposableStack,
): Promise<SharedStore> {
  const store = await PostgresStore.open({ urls, limits, clock, log });
  stack.defer(() => store.close());
  let told = noWakeUps;
  if (nats !== undefined) {
    const subject = `stonechat.${await store.name()}`;
    const overNats = new NatsWakeUps({ address: nats, subject, log });
    stack.defer(() => overNats.close());
    told = overNats;
  }
  const wakeUps = new CatchUp(told, new ChangeFeed(store.link), log);
  await wakeUps.look();
  const timer = setInterval(() => {
    void wakeUps.look();
  }, LOOK_MS);
  stack.defer(async () => {
    clearInterval(timer);
    await wakeUps.look();
  });
  return { store, wakeUps, openCodes: () => postgresAdmission(store.link, clock) };
}
