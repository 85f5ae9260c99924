import type { BurnOutcome } from "@stonechat/core";
import type { Command } from "../arguments/command.ts";
import { EXIT } from "../failure.ts";

const LINES: Readonly<Record<BurnOutcome, string>> = {
  burned: "What had disappeared is burnt: older copies of this disk do not open any more.",
  deleted: "What had disappeared is deleted here. An older copy of this disk still has it: no guard can forget it.",
  unreachable: "What had disappeared is deleted here.",
};

/** `stonechat burn`: makes the vault forget what has disappeared, now. */
export const burn: Command = {
  name: "burn",
  summary: "Forget for good what has been deleted or has disappeared",
  positionals: [],
  options: {},
  async run({ out, profile }) {
    const client = await profile.open();
    const outcome = await client.burn();
    await out.result({ type: "done", command: "burn", state: outcome }, () => [LINES[outcome]]);
    if (outcome !== "unreachable") return EXIT.done;
    await out.note(
      "Too few guards can be reached, so an older copy of this disk may still show it. It is tried again by itself.",
    );
    return EXIT.unreachable;
  },
};
