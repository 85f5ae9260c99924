import type { Command } from "../arguments/command.ts";
import { EXIT, UsageFailure } from "../failure.ts";
import { askHealth } from "./relay-health.ts";

/** `stonechat relay status`: whether a relay answers. */
export const relayStatus: Command = {
  name: "relay status",
  summary: "Ask a relay whether it is well",
  positionals: ["URL?"],
  options: {},
  notes: ["Without URL, the relay of this profile's account is asked."],
  async run({ args, host, out, profile }) {
    const given = args.positionals[0];
    if (given !== undefined && !/^https?:\/\//.test(given))
      throw new UsageFailure("URL is an address like https://chat.example.org.");
    const url = (given ?? (await (await profile.open()).account())?.relayUrl ?? "").replace(/\/$/, "");
    const health = await askHealth(host, url);
    const state = health === undefined ? "unreachable" : health.healthy ? "ok" : "failing";
    const words = {
      ok: "The relay is well.",
      failing: "The relay answers, but is not well. See its log.",
      unreachable: "The relay does not answer.",
    } as const;
    await out.result({ type: "relay-status", url, state }, () => [words[state]]);
    return state === "ok" ? EXIT.done : state === "failing" ? EXIT.failed : EXIT.unreachable;
  },
};
