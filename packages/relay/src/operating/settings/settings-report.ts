/** What is told of the settings of a running relay. Values of those that may hold secrets are left out. */
export interface SettingsReport {
  readonly settings: readonly SettingRow[];
  /** Took effect now. */
  readonly changed: readonly string[];
  /** Were changed where the settings come from, and take effect at the next start. */
  readonly atNextStart: readonly string[];
}

export interface SettingRow {
  readonly name: string;
  readonly value: string | number | boolean | null;
  /** Whether a change takes effect while the relay runs. */
  readonly live: boolean;
}
