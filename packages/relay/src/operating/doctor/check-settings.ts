import type { ListenAddress } from "@stonechat/serving";
import type { RelayConfig } from "../../config.ts";
import { failed, ok, warning, type Finding } from "./finding.ts";
import type { Machine } from "./machine.ts";

const READABLE_BY_OTHERS = 0o044;
const WRITABLE_BY_OTHERS = 0o022;
/** What a vault on a journey and a recovery kit need: see OPERATING, "Settings". */
const JOURNEY_MIB = 100;
const JOURNEY_DAYS = 30;

/** The file that the settings came from. */
export async function checkSettingsFile(machine: Machine, path: string | undefined): Promise<readonly Finding[]> {
  if (path === undefined || machine.platform === "win32") return [];
  const found = await machine.facts(path);
  if (found === undefined)
    return [failed("settings-file", "The settings file cannot be read.", "Check its path and its owner.")];
  if ((found.mode & WRITABLE_BY_OTHERS) !== 0)
    return [
      failed(
        "settings-file",
        "The settings file can be changed by others, who could then direct the relay.",
        "Close it: chmod 600 on the file, owned by root or the relay's user.",
      ),
    ];
  if ((found.mode & READABLE_BY_OTHERS) !== 0)
    return [
      warning(
        "settings-file",
        "The settings file can be read by other users of this machine, and may hold passwords of a database or storage.",
        "Close it: chmod 600 on the file, or 640 with the relay's group.",
      ),
    ];
  return [ok("settings-file", "closed to other users")];
}

/** Settings that are allowed one by one and wrong together. */
export function checkSettings(config: RelayConfig): readonly Finding[] {
  const { publicUrl, trustedProxy, listen, admission, blobMaxMib, blobRetentionDays } = config;
  const found: Finding[] = [];
  const add = (problem: string, remedy: string): void => void found.push(warning("settings", problem, remedy));
  const open = !isLoopback(listen);
  if (publicUrl?.startsWith("http:") === true && !isLoopback({ host: new URL(publicUrl).hostname }))
    add(
      "publicUrl is without TLS: anybody on the way sees who talks to this relay.",
      "Put a proxy with TLS before it.",
    );
  if (open && !trustedProxy)
    add(
      "The relay listens beyond this machine without TLS.",
      "Listen on 127.0.0.1 and put a proxy with TLS before it.",
    );
  if (open && trustedProxy)
    add(
      "trustedProxy is set while everybody can reach the relay: anyone can claim any address and evade the limits.",
      "Listen on 127.0.0.1, or let a firewall admit the proxy alone.",
    );
  if (!open && !trustedProxy && publicUrl?.startsWith("https:") === true)
    add("Behind a proxy without trustedProxy all people share the limits of one address.", "Set trustedProxy to true.");
  if (publicUrl === undefined && open)
    add(
      "publicUrl is not set, so what a request says of the host is believed.",
      "Set publicUrl to the address people use.",
    );
  if (admission === "open" && (open || publicUrl !== undefined))
    add("With admission open anybody who reaches the relay may use it and fill it.", "Set admission to code.");
  if (blobMaxMib < JOURNEY_MIB || blobRetentionDays < JOURNEY_DAYS)
    add(
      "Vaults on a journey and recovery kits do not fit into blobMaxMib or outlive blobRetentionDays.",
      `Set blobMaxMib to ${String(JOURNEY_MIB)} and blobRetentionDays to ${String(JOURNEY_DAYS)} at least.`,
    );
  if (config.maxConnectionsPerPrefix > config.maxConnections / 2 && !trustedProxy)
    add("One network may take more than half of all connections.", "Lower maxConnectionsPerPrefix.");
  return found.length > 0 ? found : [ok("settings", "nothing contradicts")];
}

/** Whether the relay could listen where it is told to. Only while it does not run. */
export async function checkPorts(machine: Machine, config: RelayConfig): Promise<readonly Finding[]> {
  const places: readonly (readonly [name: string, address: ListenAddress | undefined])[] = [
    ["listen", config.listen],
    ["metricsListen", config.metricsListen],
  ];
  const found: Finding[] = [];
  for (const [name, address] of places) {
    if (address === undefined || address.port === 0) continue;
    const trial = await machine.tryListen(address);
    const port = String(address.port);
    if (trial === "taken")
      found.push(
        failed("ports", `Another program listens on port ${port} (${name}).`, "Stop it, or choose another port."),
      );
    if (trial === "not-permitted")
      found.push(
        failed(
          "ports",
          `This user may not listen on port ${port} (${name}).`,
          "Use a port from 1024 and let the proxy take the low one.",
        ),
      );
    if (trial === "not-here")
      found.push(
        failed("ports", `This machine does not have the address of ${name}.`, "Use an address of this machine."),
      );
  }
  return found.length > 0 ? found : [ok("ports", "free")];
}

function isLoopback({ host }: { readonly host: string }): boolean {
  return host === "localhost" || host === "::1" || host === "[::1]" || /^127(\.[0-9]{1,3}){3}$/.test(host);
}
