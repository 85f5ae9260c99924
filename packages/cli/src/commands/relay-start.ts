import type { PublishedGuards, RelayConfig, RunningRelay } from "@stonechat/relay";
import type { Command } from "../arguments/command.ts";
import { CliFailure, EXIT, refuse, type ExitCode } from "../failure.ts";
import { startOwnGuard } from "./own-guard.ts";
import { loadRelayConfig, readRelayConfig, RELAY_COMMAND_OPTIONS } from "./relay-config.ts";

/** `stonechat relay start`: runs a relay until it is told to stop. */
export const relayStart: Command = {
  name: "relay start",
  summary: "Run a relay",
  positionals: [],
  options: {
    ...RELAY_COMMAND_OPTIONS,
    "with-guard": { kind: "flag", help: "run the only guard in this very process: for who has one server" },
  },
  notes: ["Settings are described in docs/OPERATING.md. The log goes to stderr. SIGTERM or Ctrl-C stops it in order."],
  endsItself: true,
  async run(context) {
    const config = await readRelayConfig(context);
    const guard = context.args.flag("with-guard") ? await startOwnGuard(config) : undefined;
    const readSettings = context.args.text("config") === undefined ? undefined : () => loadRelayConfig(context);
    const relay = await startOrExplain(config, guard?.published, readSettings).catch(async (error: unknown) => {
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

async function startOrExplain(
  config: RelayConfig,
  guards: PublishedGuards | undefined,
  readSettings: (() => Promise<RelayConfig>) | undefined,
): Promise<RunningRelay> {
  const { NewerFormatError, startRelay } = await import("@stonechat/relay");
  const { ConfigError, DataFolderError } = await import("@stonechat/serving");
  try {
    return await startRelay(config, { guards, readSettings });
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
