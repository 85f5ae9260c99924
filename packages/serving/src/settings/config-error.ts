/** A setting is wrong. The message names the field, what kind of value was found, and what is allowed; never the value. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code = "bad-config";
  readonly field: string;

  constructor(field: string, found: string, allowed: string) {
    super(`${field}: ${found} is not allowed here; ${allowed}`);
    this.field = field;
  }
}
