import { ClientError, StorageError, type ClientErrorCode, type StorageErrorCode } from "@stonechat/core";
import { CliFailure, EXIT, type ExitCode } from "./failure.ts";

/** What happened and what to do, for each code the core may refuse with. */
const SENTENCES: Readonly<Record<ClientErrorCode, string>> = {
  "no-account": "There is no account in this profile yet. Make one with: stonechat init --relay URL",
  "account-exists": "This profile already has an account. Choose another folder with --home DIR.",
  "not-found": "There is no such thing here, or it is gone.",
  "bad-link": "That is not an invite link. Copy the whole link, with everything after the #.",
  "link-expired": "The invite has expired or was used already. Ask for a new one.",
  "other-relay": "The invite belongs to a relay that cannot be reached from here.",
  "already-known": "You are connected with that account already.",
  "not-admitted":
    "The relay admits only people with a code. Ask its operator for one and give it with --code-file FILE.",
  "relay-unreachable": "The relay cannot be reached. Check its address and your network, then try again.",
  "relay-outdated": "The relay and this program speak different versions. Update the older one.",
  "not-allowed": "Your role in this group does not allow that. Ask an admin.",
  "not-a-member": "That account is not a member of the conversation.",
  unverified: "The contact is not verified, or their safety number changed. Compare it with: stonechat verify CONTACT",
  blocked: "The contact is blocked. Unblock first with: stonechat unblock CONTACT",
  "too-long": "The text is too long.",
  "too-large": "The file is larger than the relay takes.",
  "too-many-members": "The group would have too many members.",
  empty: "There is nothing to send.",
  "storage-full": "The disk is full. Nothing was lost; make room and try again.",
  "storage-failed": "The profile could not be read or written. Run: stonechat doctor",
  "attachment-gone": "The file is no longer at the relay. Ask for it to be sent again.",
  "attachment-damaged": "The file arrived damaged and was not kept. Ask for it to be sent again.",
  cancelled: "Cancelled.",
  "conversation-closed": "The conversation has ended: you left it, were removed, or it needs a new invitation.",
  "bad-value": "A value was refused.",
  "vault-exists": "This profile already has a vault. Choose another folder with --home DIR.",
  "no-guards":
    "This relay names no guards, and a short PIN without guards can be guessed by whoever holds the disk. Choose a passphrase of at least six words.",
  "guards-unreachable": "Too few guards can be reached. Nothing was changed; check your network and try again.",
  "guards-refused": "The guards refuse new records at the moment. Nothing was changed; try again later.",
  "bad-secret": "That PIN or passphrase is too easy to guess, or has the wrong form. Choose another.",
  "wrong-secret": "That opened nothing.",
  "not-possible": "This vault cannot do that.",
  "bad-kit": "Those are not the words or the code of a recovery kit. Compare each word with the paper.",
  "kit-damaged":
    "What the relay keeps for this recovery kit was not written by its owner. Nothing was restored; ask the relay's operator.",
  "relay-unknown": "Words do not say which relay. Give the address that is printed beside them with --relay URL.",
  "travel-not-found": "The relay has no vault for this code: the code is wrong, or the vault's time there is over.",
  "travel-damaged":
    "What the relay keeps for this code is not the vault that was left there. Nothing was changed here.",
};

/** Why a profile could not be opened. */
const STORAGE_SENTENCES: Readonly<Record<StorageErrorCode, string>> = {
  full: SENTENCES["storage-full"],
  io: SENTENCES["storage-failed"],
  corrupt:
    "The profile is damaged: what is stored is not what was written. Do not use it further; keep a copy of the folder.",
  busy: "Another program has this profile open. End it, or choose another folder with --home DIR.",
  "newer-version": "The profile was written by a newer version of Stonechat. Update this one.",
};

/** The exit code and the sentence for anything that a command threw. Anything unknown is our bug, and says so. */
export function explain(error: unknown): { readonly exitCode: ExitCode; readonly message: string } {
  if (error instanceof CliFailure) return { exitCode: error.exitCode, message: error.message };
  if (error instanceof ClientError) return { exitCode: exitCodeOf(error.code), message: SENTENCES[error.code] };
  if (error instanceof StorageError) return { exitCode: EXIT.failed, message: STORAGE_SENTENCES[error.code] };
  const system = systemSentence(error);
  if (system !== undefined) return { exitCode: EXIT.failed, message: system };
  const what = error instanceof Error ? (error.stack ?? error.name) : "unknown";
  return { exitCode: EXIT.failed, message: `Something went wrong inside Stonechat; please report it.\n${what}` };
}

function exitCodeOf(code: ClientErrorCode): ExitCode {
  return code === "relay-unreachable" || code === "guards-unreachable" ? EXIT.unreachable : EXIT.failed;
}

function systemSentence(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  switch (error.code) {
    case "ENOSPC":
    case "EDQUOT":
      return SENTENCES["storage-full"];
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return "A file or folder could not be opened: permission denied.";
    case "ENOENT":
      return "A file or folder does not exist.";
    case "EADDRINUSE":
      return "Another program listens on that address already. Choose another port.";
    case "EADDRNOTAVAIL":
      return "This machine does not have that address.";
    default:
      return undefined;
  }
}
