import { readFileSync } from "node:fs";

/** The relay's version, from the package around it. @throws RangeError if there is none. */
export function readRelayVersion(): string {
  const parsed: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  if (typeof parsed === "object" && parsed !== null && "version" in parsed && typeof parsed.version === "string")
    return parsed.version;
  throw new RangeError("package.json has no version");
}
