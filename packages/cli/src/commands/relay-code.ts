import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command, CommandContext } from "../arguments/command.ts";
import { EXIT, refuse, UsageFailure } from "../failure.ts";
import { isoTime } from "../output/time.ts";

const DAY_MS = 24 * 3_600_000;
const DEFAULT_DAYS = 30;
/** One person's account, invites, groups and files make logs, pools and blobs; each is a use. */
const DEFAULT_USES = 10_000;
const MAX_USES = 100_000_000;

/** `stonechat relay code new`: a code by which somebody may join a relay that admits by code. */
export const relayCodeNew: Command = {
  name: "relay code new",
  summary: "Make a code that lets somebody join your relay",
  positionals: [],
  options: {
    data: { kind: "text", value: "DIR", help: "the relay's data folder (required)" },
    uses: {
      kind: "text",
      value: "N",
      help: `how many logs, pools and files it lets them make (${String(DEFAULT_USES)})`,
    },
    expires: { kind: "text", value: "DURATION", help: `how long it works (${String(DEFAULT_DAYS)}d)` },
  },
  notes: ["The code is shown once: the relay keeps only its hash. The relay may be running."],
  async run(context) {
    const { args, host, out } = context;
    const uses = args.count("uses", MAX_USES) ?? DEFAULT_USES;
    const days = Math.max(1, Math.ceil((args.duration("expires") ?? DEFAULT_DAYS * DAY_MS) / DAY_MS));
    const data = await dataFolder(context);
    const { createAdmissionCode } = await import("@stonechat/relay");
    const code = await createAdmissionCode(data, { uses, days });
    if (out.json)
      await out.result({ type: "code", code, uses, expires: isoTime(host.now() + days * DAY_MS) }, () => []);
    else await out.exact(code);
    return EXIT.done;
  },
};

async function dataFolder({ args, host }: CommandContext): Promise<string> {
  const given = args.text("data") ?? host.env["STONECHAT_RELAY_DATA"];
  if (given === undefined || given === "") throw new UsageFailure("--data DIR is missing.");
  const path = resolve(host.cwd, given);
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() !== true)
    throw refuse("There is no data folder there. Start the relay once, then make codes.");
  return path;
}
