import type { RestoreView } from "@stonechat/core";
import type { Command } from "../arguments/command.ts";
import { waitForRelay } from "../client/progress.ts";
import { EXIT } from "../failure.ts";
import { strong } from "../output/output.ts";
import { isoTime, localTime } from "../output/time.ts";
import { finishHere } from "./done.ts";
import { FRESH_ACCOUNT_OPTIONS, relayUrlFrom, withFreshAccount } from "./fresh-account.ts";
import { readPaper, showPaper } from "./paper.ts";

/** `stonechat backup kit`: words for paper that bring the account back on a new device. */
export const backupKit: Command = {
  name: "backup kit",
  summary: "Show the recovery kit: words for paper that bring your account back",
  positionals: [],
  options: {},
  notes: [
    "Whoever has the words is you. Write them down and keep the paper safe; they are the same each time.",
    "A kit brings back the account, contacts and groups as a new device, and removes the lost ones. Never messages.",
  ],
  async run(context) {
    const { out, profile } = context;
    const client = await profile.open();
    await client.start();
    const { words, qr, relayUrl, accountId, name, madeAt, keptUntil } = await client.recoveryKit();
    const kit = { words, qr, relay: relayUrl, account: accountId, name };
    await out.result(
      { type: "recovery-kit", ...kit, madeAt: isoTime(madeAt), keptUntil: isoTime(keptUntil) },
      () => [],
    );
    await showPaper(context, words, qr, [
      `Account: ${name}   Relay: ${relayUrl}`,
      `Restore with: stonechat backup restore-kit --relay ${relayUrl}`,
      `The relay keeps your contacts for it until ${localTime(keptUntil)}; this device renews that by itself.`,
    ]);
    return EXIT.done;
  },
};

/** `stonechat backup revoke-kit`: the relay keeps nothing for the kit any more. */
export const backupRevokeKit: Command = {
  name: "backup revoke-kit",
  summary: "Take the recovery kit's file off the relay",
  positionals: [],
  options: {},
  notes: ["The words on paper still are your identity: destroy them."],
  async run(context) {
    const client = await context.profile.open();
    await client.start();
    await client.revokeRecoveryKit();
    return await finishHere(context, {}, "The relay keeps nothing for the kit any more. Destroy the paper.");
  },
};

/** `stonechat backup restore-kit`: the account of a kit, as a new device. */
export const backupRestoreKit: Command = {
  name: "backup restore-kit",
  summary: "Bring an account back from its recovery kit, as a new device",
  positionals: [],
  options: {
    relay: { kind: "text", value: "URL", help: "address of the account's relay (required)" },
    "kit-file": { kind: "text", value: "FILE", help: "file with the words or the code; - reads standard input" },
    name: { kind: "text", value: "NAME", help: "the name, if the relay has lost the kit's file" },
    "without-file": { kind: "flag", help: "bring back the identity alone, if the relay's file was refused" },
    ...FRESH_ACCOUNT_OPTIONS,
  },
  notes: ["All other devices of the account are removed. The vault of this profile is made as by: stonechat init"],
  async run(context) {
    const { args, host, out } = context;
    const relayUrl = relayUrlFrom(args.text("relay"));
    const kit = await readPaper(context, "kit-file", "The 25 words of the kit, or the text of its code: ");
    const name = args.text("name");
    const input = {
      kit,
      relayUrl,
      deviceName: args.text("device-name") ?? host.hostName,
      withoutFile: args.flag("without-file"),
      ...(name === undefined ? {} : { name }),
    };
    const { client, made } = await withFreshAccount(context, relayUrl, (fresh, admission) =>
      fresh.restoreFromKit({ ...input, ...admission }),
    );
    await waitForRelay(client, host);
    const { account, ...rest } = made;
    await out.result(
      {
        type: "restored",
        id: account.id,
        name: account.name,
        relay: account.relayUrl,
        device: account.deviceId,
        ...rest,
      },
      () => [
        ["Welcome back, ", strong(account.name), "."],
        made.file === "found"
          ? `${String(made.contacts)} contacts and ${String(made.groups)} groups come back as soon as their devices are online.`
          : "The relay had nothing for this kit: your identity is back, contacts and groups are not.",
        ...revoked(made),
      ],
    );
    return EXIT.done;
  },
};

/** Whether the lost devices' PINs still open anything there. */
function revoked({ guardRecords, guardRecordsRevoked }: RestoreView): readonly string[] {
  if (guardRecords === 0) return [];
  if (guardRecordsRevoked === guardRecords) return ["The guards have destroyed what the lost devices need to open."];
  return [
    `${String(guardRecordsRevoked)} of ${String(guardRecords)} guards have destroyed what the lost devices need to open. The others are asked again whenever stonechat runs.`,
  ];
}
