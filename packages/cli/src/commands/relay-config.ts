import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { RelayConfig } from "@stonechat/relay";
import type { Args } from "../arguments/args.ts";
import type { CommandContext, OptionSpec } from "../arguments/command.ts";
import { refuse, UsageFailure } from "../failure.ts";
import { optionName } from "./option-name.ts";

/** The built web app of this clone; served when nothing else is asked for. */
const BUILT_WEB_APP = fileURLToPath(new URL("../../../web/dist", import.meta.url));

/** Settings of the relay that can be given as options, by the name that the relay's configuration has for them. */
const RELAY_OPTIONS = {
  data: { kind: "text", value: "DIR", help: "the relay's data folder (required)" },
  store: { kind: "text", value: "STORE", help: "where a new folder keeps messages: segments, sqlite or postgres" },
  listen: { kind: "text", value: "HOST:PORT", help: "where to listen (127.0.0.1:8080)" },
  publicUrl: { kind: "text", value: "URL", help: "the address people use, if a proxy stands before the relay" },
  origins: { kind: "text", value: "LIST", help: "further web origins that may use the relay, with commas" },
  admission: { kind: "text", value: "open|code", help: "who may join: everybody, or who has a code (code)" },
  retentionDays: { kind: "text", value: "N", help: "how long messages are kept at most (30)" },
  commitRetentionDays: { kind: "text", value: "N", help: "how long changes of groups are kept (90)" },
  logQuotaMib: { kind: "text", value: "N", help: "largest log in MiB (256)" },
  blobMaxMib: { kind: "text", value: "N", help: "largest file in MiB (2048)" },
  blobTotalMib: { kind: "text", value: "N", help: "room for all files in MiB (51200)" },
  blobRetentionDays: { kind: "text", value: "N", help: "how long files are kept at most (30)" },
  reserveMib: { kind: "text", value: "N", help: "disk space that is left free, in MiB (64)" },
  fronts: { kind: "text", value: "N", help: "processes that hold the clients' sockets (1)" },
  maxConnections: { kind: "text", value: "N", help: "connections at once (20000)" },
  maxConnectionsPerPrefix: { kind: "text", value: "N", help: "connections at once from one network (2000)" },
  connectionsPerSecondPerPrefix: { kind: "text", value: "N", help: "new connections a second from one network (50)" },
  maxFollowedLogs: { kind: "text", value: "N", help: "logs followed by all connections together (1000000)" },
  appendKibPerSecond: { kind: "text", value: "N", help: "KiB a second that one connection may send (4096)" },
  appendKibPerSecondPerLog: { kind: "text", value: "N", help: "the same into one conversation (4096)" },
  appendKibPerSecondPerPrefix: { kind: "text", value: "N", help: "the same from one network (65536)" },
  blobMibPerDayPerPrefix: { kind: "text", value: "N", help: "MiB of files that one network may send a day (20480)" },
  metricsListen: { kind: "text", value: "HOST:PORT", help: "serve metrics there, on a loopback address" },
  trustedProxy: { kind: "flag", help: "a proxy of yours stands before the relay and sets X-Forwarded-For" },
  webDir: { kind: "text", value: "DIR", help: "folder with the built web app to serve" },
  guards: { kind: "text", value: "FILE", help: "JSON list of the guards that new vaults are set up with" },
  guardRequestsPerSecondPerPrefix: {
    kind: "text",
    value: "N",
    help: "requests to guards passed on a second for one network (50)",
  },
} as const satisfies Readonly<Record<string, OptionSpec>>;

/** The same with the names that options have, and the file that all of them may stand in. */
export const RELAY_COMMAND_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  ...Object.fromEntries(Object.entries(RELAY_OPTIONS).map(([field, spec]) => [optionName(field), spec])),
  web: { kind: "text", value: "DIR", help: "the same as --web-dir" },
  config: { kind: "text", value: "FILE", help: "settings as one JSON object; options and STONECHAT_RELAY_… win" },
};

/** @throws UsageFailure for a wrong option, CliFailure for a wrong setting elsewhere. */
export async function readRelayConfig(context: CommandContext): Promise<RelayConfig> {
  const { ConfigError } = await import("@stonechat/serving");
  try {
    return await loadRelayConfig(context);
  } catch (error) {
    if (error instanceof Error && "syscall" in error)
      throw refuse("The settings file that --config names cannot be read.", { cause: error });
    if (!(error instanceof ConfigError)) throw error;
    const message = `${error.message.replace(/^--([A-Za-z]+)/, (_, field: string) => `--${optionName(field)}`)}.`;
    if (error.field === "data") throw new UsageFailure("--data DIR is missing.", { cause: error });
    throw error.field.startsWith("--")
      ? new UsageFailure(message, { cause: error })
      : refuse(message, { cause: error });
  }
}

/** The same for who reads them again. @throws ConfigError; the system's error for a settings file that cannot be read. */
export async function loadRelayConfig({ args, host }: CommandContext): Promise<RelayConfig> {
  const { loadConfig } = await import("@stonechat/relay/operating");
  const path = settingsFile(args, host.cwd);
  const file = path === undefined ? undefined : await readFile(path, "utf8");
  const config = loadConfig({ file, env: host.env, flags: flagsOf(args) });
  const guards = config.guards === undefined ? undefined : resolve(host.cwd, config.guards);
  const placed = { ...config, data: resolve(host.cwd, config.data), guards };
  if (config.webDir !== undefined) return { ...placed, webDir: resolve(host.cwd, config.webDir) };
  return existsSync(`${BUILT_WEB_APP}/index.html`) ? { ...placed, webDir: BUILT_WEB_APP } : placed;
}

/** The file that the settings stand in, if one was named. */
export function settingsFile(args: Args, cwd: string): string | undefined {
  const path = args.text("config");
  return path === undefined ? undefined : resolve(cwd, path);
}

function flagsOf(args: Args): Record<string, string | boolean | undefined> {
  const flags: Record<string, string | boolean | undefined> = {};
  for (const [field, spec] of Object.entries(RELAY_OPTIONS)) {
    const given = spec.kind === "flag" ? args.flag(optionName(field)) || undefined : args.text(optionName(field));
    if (given !== undefined) flags[field] = given;
  }
  const web = args.text("web");
  if (web !== undefined && flags["webDir"] !== undefined)
    throw new UsageFailure("--web and --web-dir exclude each other.");
  return web === undefined ? flags : { ...flags, webDir: web };
}
