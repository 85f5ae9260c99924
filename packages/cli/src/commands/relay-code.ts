import type { CodeTerms } from "@stonechat/relay";
import type { Command, CommandContext } from "../arguments/command.ts";
import { EXIT, refuse } from "../failure.ts";
import { isoTime } from "../output/time.ts";
import { DATA_OPTION, relayData } from "./relay-data.ts";

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
    ...DATA_OPTION,
    uses: {
      kind: "text",
      value: "N",
      help: `how many logs, pools and files it lets them make (${String(DEFAULT_USES)})`,
    },
    expires: { kind: "text", value: "DURATION", help: `how long it works (${String(DEFAULT_DAYS)}d)` },
  },
  notes: [
    "The code is shown once: the relay keeps only its hash. The relay may be running.",
    "With STONECHAT_RELAY_POSTGRES in the environment the code is for all relays over that database.",
  ],
  async run(context) {
    const { args, host, out } = context;
    const uses = args.count("uses", MAX_USES) ?? DEFAULT_USES;
    const days = Math.max(1, Math.ceil((args.duration("expires") ?? DEFAULT_DAYS * DAY_MS) / DAY_MS));
    const code = await makeCode(context, { uses, days });
    if (out.json)
      await out.result({ type: "code", code, uses, expires: isoTime(host.now() + days * DAY_MS) }, () => []);
    else await out.exact(code);
    return EXIT.done;
  },
};

/** In the database that relays share, if the environment names one as it does for them; else in the data folder. */
async function makeCode(context: CommandContext, terms: CodeTerms): Promise<string> {
  const shared = context.host.env["STONECHAT_RELAY_POSTGRES"];
  if (shared === undefined || shared === "") {
    const data = await relayData(context);
    const { createAdmissionCode } = await import("@stonechat/relay");
    return await createAdmissionCode(data, terms);
  }
  const { createSharedAdmissionCode, parsePostgresUrl } = await import("@stonechat/relay/postgres");
  const urls = parsePostgresUrl(shared);
  if (urls === undefined) throw refuse("STONECHAT_RELAY_POSTGRES does not name a database.");
  return await createSharedAdmissionCode(urls, terms);
}
