import type { Command } from "../arguments/command.ts";
import { EXIT } from "../failure.ts";
import { strong } from "../output/output.ts";
import { askIfRunning } from "./relay-asked.ts";
import { readRelayConfig, RELAY_COMMAND_OPTIONS, settingsFile } from "./relay-config.ts";

/** `stonechat relay doctor`: explains what is wrong with a machine that a relay runs on, or shall. */
export const relayDoctor: Command = {
  name: "relay doctor",
  summary: "Explain what is wrong with a relay's machine and settings",
  positionals: [],
  options: RELAY_COMMAND_OPTIONS,
  notes: [
    "Takes the options of relay start. Run it as the relay's user, while the relay runs or not. Changes nothing.",
  ],
  async run(context) {
    const { args, host, out } = context;
    const config = await readRelayConfig(context);
    const { examine, systemMachine } = await import("@stonechat/relay/operating");
    const running = await askIfRunning(config.data, "status", { ask: "status" });
    const pid = running?.status.pid;
    const findings = await examine(systemMachine, { config, settingsFile: settingsFile(args, host.cwd), pid });
    for (const { check, state, ...rest } of findings) {
      const said = "detail" in rest ? [rest.detail] : [rest.problem, rest.remedy];
      await out.result({ type: "check", name: check, state, ...rest }, () => [
        [strong(`${state.padEnd(7)}  `), `${check}: ${said.join(" ")}`],
      ]);
    }
    return findings.some(({ state }) => state === "failed") ? EXIT.failed : EXIT.done;
  },
};
