import type { Command } from "../arguments/command.ts";
import { EXIT } from "../failure.ts";
import { askRunningRelay } from "./relay-asked.ts";
import { DATA_OPTION, relayData } from "./relay-data.ts";

/** `stonechat relay settings`: what is in force in the relay that runs, and a second look at its settings file. */
export const relaySettings: Command = {
  name: "relay settings",
  summary: "Show a running relay's settings, or let it read them again",
  positionals: [],
  options: {
    ...DATA_OPTION,
    reload: { kind: "flag", help: "read the settings file again; a wrong value changes nothing" },
  },
  async run(context) {
    const { args, out } = context;
    const request = { ask: args.flag("reload") ? "reload" : "settings" } as const;
    const { settings } = await askRunningRelay(await relayData(context), "settings", request);
    const { changed, atNextStart } = settings;
    await out.result({ type: "relay-settings", ...settings }, () =>
      request.ask === "reload"
        ? [
            changed.length === 0 ? "Nothing changed." : `Changed: ${changed.join(", ")}.`,
            ...(atNextStart.length === 0 ? [] : [`At the next start: ${atNextStart.join(", ")}.`]),
          ]
        : settings.settings.map(
            ({ name, value, live }) =>
              `${name}: ${String(value ?? "not set")}${live ? "" : " (fixed until the next start)"}`,
          ),
    );
    return EXIT.done;
  },
};
