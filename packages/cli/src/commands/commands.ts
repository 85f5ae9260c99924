import type { Command } from "../arguments/command.ts";
import { accept } from "./accept.ts";
import { burn } from "./burn.ts";
import { doctor } from "./doctor.ts";
import {
  groupAdd,
  groupContinue,
  groupCreate,
  groupDemote,
  groupLeave,
  groupMembers,
  groupPromote,
  groupRemove,
  groupRename,
} from "./group.ts";
import { guardDescribe } from "./guard-describe.ts";
import { guardStart } from "./guard-start.ts";
import { init } from "./init.ts";
import { invite, invites, revoke } from "./invite.ts";
import { contacts, conversations, devices } from "./lists.ts";
import { listen } from "./listen.ts";
import { lock, unlock } from "./lock.ts";
import { edit, react, remove } from "./message-changes.ts";
import { block, ownName, rename, unblock, verify } from "./people.ts";
import { read } from "./read.ts";
import { relayBackup, relayRestore } from "./relay-backup.ts";
import { relayCodeNew } from "./relay-code.ts";
import { relayConvert } from "./relay-convert.ts";
import { relayDoctor } from "./relay-doctor.ts";
import { relaySettings } from "./relay-settings.ts";
import { relayStart } from "./relay-start.ts";
import { relayStatus } from "./relay-status.ts";
import { backupKit, backupRestoreKit, backupRevokeKit } from "./recovery-kit.ts";
import { vaultRehearse } from "./rehearse.ts";
import { requests, requestsAccept, requestsDecline } from "./requests.ts";
import { search } from "./search.ts";
import { send } from "./send.ts";
import { timer } from "./timer.ts";
import { backupRestoreTravel, backupTravel } from "./travel.ts";
import { vault, vaultChangeSecret, vaultDuress, vaultFillDecoy, vaultHidden } from "./vault.ts";
import { view } from "./view.ts";
import { wipe } from "./wipe.ts";

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  init,
  invite,
  invites,
  revoke,
  accept,
  requests,
  requestsAccept,
  requestsDecline,
  contacts,
  conversations,
  devices,
  send,
  read,
  listen,
  react,
  edit,
  remove,
  search,
  timer,
  view,
  groupCreate,
  groupAdd,
  groupRemove,
  groupContinue,
  groupLeave,
  groupRename,
  groupMembers,
  groupPromote,
  groupDemote,
  verify,
  ownName,
  rename,
  block,
  unblock,
  lock,
  unlock,
  burn,
  wipe,
  vault,
  vaultChangeSecret,
  vaultDuress,
  vaultFillDecoy,
  vaultRehearse,
  vaultHidden,
  backupKit,
  backupRevokeKit,
  backupRestoreKit,
  backupTravel,
  backupRestoreTravel,
  doctor,
  relayStart,
  relayStatus,
  relayCodeNew,
  relaySettings,
  relayBackup,
  relayRestore,
  relayConvert,
  relayDoctor,
  guardStart,
  guardDescribe,
];
