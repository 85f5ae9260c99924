import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { PublishedGuards, RelayConfig, RunningRelay } from "@stonechat/relay";
import type { Args } from "../arguments/args.ts";
import type { Command, CommandContext, OptionSpec } from "../arguments/command.ts";
import { CliFailure, EXIT, refuse, UsageFailure, type ExitCode } from "../failure.ts";
import { optionName } from "./option-name.ts";
import { startOwnGuard } from "./own-guard.ts";

/** The built web app of this clone; served when nothing else is asked for. */
const BUILT_WEB_APP = fileURLToPath(new URL("../../../web/dist", import.meta.url));

/** Settings of the relay that can be given as options, by the name that the relay's configuration has for them. */
export const RELAY_OPTIONS = {
  data: { kind: "text", value: "DIR", help: "the relay's data folder (required)" },
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

/** `stonechat relay start`: runs a relay until it is told to stop. */
export const relayStart: Command = {
  name: "relay start",
  summary: "Run a relay",
  positionals: [],
  options: {
    ...Object.fromEntries(Object.entries(RELAY_OPTIONS).map(([field, spec]) => [optionName(field), spec])),
    web: { kind: "text", value: "DIR", help: "the same as --web-dir" },
    "with-guard": { kind: "flag", help: "run the only guard in this very process: for who has one server" },
    config: { kind: "text", value: "FILE", help: "settings as one JSON object; options and STONECHAT_RELAY_… win" },
  },
  notes: ["Settings are described in docs/OPERATING.md. The log goes to stderr. SIGTERM or Ctrl-C stops it in order."],
  endsItself: true,
  async run(context) {
    const config = await readConfig(context);
    const guard = context.args.flag("with-guard") ? await startOwnGuard(config) : undefined;
    const relay = await startOrExplain(config, guard?.published).catch(async (error: unknown) => {
      await guard?.close();
      throw error;
    });
    const { out, host } = context;
    await out.result(
      { type: "ready", url: relay.url, ...(relay.metricsUrl === undefined ? {} : { metricsUrl: relay.metricsUrl }) },
      () => [
        `The relay serves at ${relay.url}. Ctrl-C stops it.`,
        ...(config.admission === "code"
          ? ["Make a code for each person who shall join with: stonechat relay code new --data DIR"]
          : []),
      ],
    );
    const stopped = new Promise<undefined>((done) => {
      if (host.interrupted.aborted) done(undefined);
      host.interrupted.addEventListener("abort", () => {
        done(undefined);
      });
    });
    const failure = await Promise.race([stopped, relay.failed, ...(guard === undefined ? [] : [guard.failed])]);
    await relay.close();
    await guard?.close();
    return failure === undefined ? EXIT.done : storageFailed();
  },
};

function storageFailed(): ExitCode {
  throw refuse("The relay's storage failed, so it stopped. What it had acknowledged is on disk; see the log above.");
}

async function readConfig({ args, host }: CommandContext): Promise<RelayConfig> {
  const { loadConfig } = await import("@stonechat/relay");
  const { ConfigError } = await import("@stonechat/serving");
  const path = args.text("config");
  const file = path === undefined ? undefined : await readFile(resolve(host.cwd, path), "utf8");
  try {
    const config = loadConfig({ file, env: host.env, flags: flagsOf(args) });
    const guards = config.guards === undefined ? undefined : resolve(host.cwd, config.guards);
    const placed = { ...config, data: resolve(host.cwd, config.data), guards };
    if (config.webDir !== undefined) return { ...placed, webDir: resolve(host.cwd, config.webDir) };
    return existsSync(`${BUILT_WEB_APP}/index.html`) ? { ...placed, webDir: BUILT_WEB_APP } : placed;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const message = `${error.message.replace(/^--([A-Za-z]+)/, (_, field: string) => `--${optionName(field)}`)}.`;
    if (error.field === "data") throw new UsageFailure("--data DIR is missing.", { cause: error });
    throw error.field.startsWith("--")
      ? new UsageFailure(message, { cause: error })
      : refuse(message, { cause: error });
  }
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

async function startOrExplain(config: RelayConfig, guards: PublishedGuards | undefined): Promise<RunningRelay> {
  const { NewerFormatError, startRelay } = await import("@stonechat/relay");
  const { ConfigError, DataFolderError } = await import("@stonechat/serving");
  try {
    return await startRelay(config, { guards });
  } catch (error) {
    if (error instanceof ConfigError) throw refuse(`${error.message}.`, { cause: error });
    if (error instanceof DataFolderError)
      throw refuse(`The relay cannot use its data folder: ${error.message}.`, { cause: error });
    if (error instanceof NewerFormatError)
      throw new CliFailure(EXIT.failed, "The data folder was written by a newer version. Update Stonechat.", {
        cause: error,
      });
    throw error;
  }
}
