import { Writer } from "@stonechat/protocol";
import type { GroupContext } from "ts-mls/groupContext.js";
import { initializeEpoch, type KeySchedule } from "ts-mls/keySchedule.js";
import type { EpochSecrets, EpochState } from "./epoch.ts";
import { HASH_BYTES, type Suite } from "./suite.ts";
import { signature as signatureWire, hash } from "./wire/wire-parts.ts";
import { WIRE_FORMAT_PRIVATE_MESSAGE } from "./wire/private-message.ts";

/** PSKs do not exist for us (RFC 9420 §8.4: all zero). */
export const NO_PSK_SECRET = new Uint8Array(HASH_BYTES);

/** The group context that path secrets are encrypted under: new tree, old transcript (RFC 9420 §12.4.1). */
export function provisionalContext({ context }: EpochState, treeHash: Uint8Array): GroupContext {
  return { ...context, epoch: context.epoch + 1n, treeHash };
}

/**
 * The group context after a commit (RFC 9420 §8.1, §8.2).
 *
 * @param framed - The commit's FramedContent.
 */
export function nextContext(
  { primitives }: Suite,
  epoch: EpochState,
  framed: Uint8Array,
  signature: Uint8Array,
  treeHash: Uint8Array,
): GroupContext {
  const interim = new Writer();
  interim.opaque(epoch.context.confirmedTranscriptHash);
  hash.write(interim, epoch.confirmationTag);
  const confirmed = new Writer();
  confirmed.opaque(primitives.digest(interim.finish()));
  confirmed.uint16(WIRE_FORMAT_PRIVATE_MESSAGE);
  confirmed.opaque(framed);
  signatureWire.write(confirmed, signature);
  return { ...provisionalContext(epoch, treeHash), confirmedTranscriptHash: primitives.digest(confirmed.finish()) };
}

/** What begins an epoch (RFC 9420 §8). All but `secrets` is used once and not kept. */
export interface EpochBeginning {
  readonly secrets: EpochSecrets;
  readonly encryptionSecret: Uint8Array;
  readonly joinerSecret: Uint8Array;
  readonly welcomeSecret: Uint8Array;
  readonly confirmationTag: Uint8Array;
}

export async function beginEpoch(
  { primitives, library }: Suite,
  before: EpochState,
  context: GroupContext,
  commitSecret: Uint8Array,
): Promise<EpochBeginning> {
  const begun = await initializeEpoch(before.secrets.init, commitSecret, context, NO_PSK_SECRET, library.kdf);
  return {
    secrets: toEpochSecrets(begun.keySchedule),
    encryptionSecret: begun.encryptionSecret,
    joinerSecret: begun.joinerSecret,
    welcomeSecret: begun.welcomeSecret,
    confirmationTag: primitives.mac(begun.keySchedule.confirmationKey, context.confirmedTranscriptHash),
  };
}

/** Keeps of the library's key schedule only what is needed after the epoch began. */
export function toEpochSecrets(schedule: KeySchedule): EpochSecrets {
  return {
    senderData: schedule.senderDataSecret,
    exporter: schedule.exporterSecret,
    authenticator: schedule.epochAuthenticator,
    init: schedule.initSecret,
  };
}
