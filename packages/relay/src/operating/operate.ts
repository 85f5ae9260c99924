import { existsSync } from "node:fs";
import { join } from "node:path";
import type { RelayConfig } from "../config.ts";
import type { Stores } from "../open-stores.ts";
import type { ServiceFigures } from "../service/figures.ts";
import type { RelayPorts } from "../start-relay.ts";
import { ADMISSION_DATABASE, BackupTaker } from "./backup/take-backup.ts";
import type { ControlAnswer, ControlRequest } from "./control/control-messages.ts";
import { listenForControl } from "./control/control-server.ts";
import { SettingsKeeper } from "./settings/settings-keeper.ts";
import { StatusCollector } from "./status/collect-status.ts";
import type { RelayStatus } from "./status/relay-status.ts";

/** What the running relay is seen and changed by. */
export interface OperatedParts {
  readonly stores: Stores;
  readonly figures: ServiceFigures;
  /** Lets settings take effect on whoever is connected, and comes. */
  readonly adjust: (config: RelayConfig) => void;
}

/** A relay in operation, as its keeper sees it. */
export interface Operating {
  /** @throws StoreFailedError when storage failed. */
  status(): Promise<RelayStatus>;
  /** From now on the status says that it stops. */
  stopping(): void;
}

/** Watches over a relay, and answers whoever keeps it, at a socket in its data folder. `stack` ends it. */
export async function operate(
  config: RelayConfig,
  { clock, log, readSettings }: RelayPorts,
  { stores, figures, adjust }: OperatedParts,
  stack: AsyncDisposableStack,
): Promise<Operating> {
  const settings = new SettingsKeeper({ config, readSettings, stores, adjust, log });
  const { store, blobs } = stores;
  const collector = new StatusCollector({ config: () => settings.inForce, figures, store, blobs, clock });
  stack.defer(() => {
    collector.stop();
  });
  const { data } = config;
  const hasCodes = (): boolean => existsSync(join(data, ADMISSION_DATABASE));
  const backups = new BackupTaker({ data, store, hasCodes, now: () => clock.now() });
  const answer = async (request: ControlRequest): Promise<ControlAnswer> => {
    switch (request.ask) {
      case "status":
        return { type: "status", status: await collector.collect() };
      case "settings":
        return { type: "settings", settings: settings.report() };
      case "reload":
        return { type: "settings", settings: await settings.reload() };
      case "backup":
        return { type: "backup", backup: await backups.take(request.folder, request.keep) };
    }
  };
  await listenForControl(config.data, answer, log, stack);
  return {
    status: () => collector.collect(),
    stopping: () => {
      collector.stopping();
    },
  };
}
