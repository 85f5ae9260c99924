import { ConfigError, type Log } from "@stonechat/serving";
import type { RelayConfig } from "../../config.ts";
import { logLimitsOf, MIB, type Stores } from "../../open-stores.ts";
import { RefusedError } from "../control/refused-error.ts";
import { compareSettings, LIVE_SETTINGS } from "./live-settings.ts";
import type { SettingRow, SettingsReport } from "./settings-report.ts";

export interface SettingsParts {
  /** What the relay was started with. */
  readonly config: RelayConfig;
  /** Reads the settings again from where they came from. @throws ConfigError. */
  readonly readSettings: (() => Promise<RelayConfig>) | undefined;
  readonly stores: Pick<Stores, "store" | "blobs" | "admission">;
  /** Lets them take effect on whoever is connected, and comes. */
  readonly adjust: (config: RelayConfig) => void;
  readonly log: Log;
}

/** The settings in force, and how they change while the relay runs. */
export class SettingsKeeper {
  readonly #parts: SettingsParts;
  #inForce: RelayConfig;

  constructor(parts: SettingsParts) {
    this.#parts = parts;
    this.#inForce = parts.config;
  }

  get inForce(): RelayConfig {
    return this.#inForce;
  }

  /** The settings in force, and nothing changed. */
  report(): SettingsReport {
    return this.#report([], []);
  }

  /**
   * Reads the settings again. What may change while the relay runs takes effect at once, or nothing does.
   *
   * @throws RefusedError when one of them is wrong or they cannot be read: then the old ones stay in force.
   */
  async reload(): Promise<SettingsReport> {
    const read = await this.#read();
    const { changed, atNextStart, config } = compareSettings(this.#inForce, read);
    const fixed = changed.filter((name) => !this.#isLive(name));
    const now = changed.filter((name) => this.#isLive(name));
    await this.#apply({ ...config, ...Object.fromEntries(fixed.map((name) => [name, this.#inForce[name]])) });
    if (now.length > 0) this.#parts.log({ level: "info", event: "settings-changed", settings: now.join(",") });
    return this.#report(now, [...atNextStart, ...fixed]);
  }

  async #read(): Promise<RelayConfig> {
    const { readSettings } = this.#parts;
    if (readSettings === undefined)
      throw new RefusedError(
        "The relay was started without a settings file (--config), so there is nothing to read again.",
      );
    try {
      return await readSettings();
    } catch (error) {
      const why = error instanceof ConfigError ? error.message : "The settings file cannot be read";
      throw new RefusedError(`${why}. The old settings stay in force.`, { cause: error });
    }
  }

  async #apply(config: RelayConfig): Promise<void> {
    const { store, blobs, admission } = this.#parts.stores;
    const reserveBytes = config.reserveMib * MIB;
    await store.upkeep?.setLimits(logLimitsOf(config), reserveBytes);
    blobs.setLimits?.({ totalBytes: config.blobTotalMib * MIB }, reserveBytes);
    if (admission.kind !== config.admission) admission.use?.(config.admission);
    this.#parts.adjust(config);
    this.#inForce = config;
  }

  /** Some of what keeps things fixes its limits when it is opened. */
  #isLive(name: keyof RelayConfig): boolean {
    const { store, blobs, admission } = this.#parts.stores;
    switch (name) {
      case "logQuotaMib":
        return store.upkeep !== undefined;
      case "reserveMib":
        return store.upkeep !== undefined && blobs.setLimits !== undefined;
      case "blobTotalMib":
        return blobs.setLimits !== undefined;
      case "admission":
        return admission.use !== undefined;
      default:
        return LIVE_SETTINGS.some((live) => live === name);
    }
  }

  #report(changed: readonly string[], atNextStart: readonly string[]): SettingsReport {
    const names = Object.keys(this.#inForce) as readonly (keyof RelayConfig)[]; // a configuration has its fields and no others
    const settings = names.map((name) => ({ name, value: shown(name, this.#inForce[name]), live: this.#isLive(name) }));
    return { settings, changed, atNextStart };
  }
}

/** Texts that are one of a few words. */
const WORDS: readonly (keyof RelayConfig)[] = ["admission", "store"];

/** A text may hold a password of a database: that it is there is all that is told. */
function shown(name: keyof RelayConfig, value: RelayConfig[keyof RelayConfig]): SettingRow["value"] {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return null;
  if (typeof value === "number" || typeof value === "boolean") return value;
  return typeof value === "string" && WORDS.includes(name) ? value : "set";
}
