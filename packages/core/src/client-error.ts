/** Why the core refused. Stable; people read translations of these. */
export type ClientErrorCode =
  | "no-account"
  | "account-exists"
  | "not-found"
  | "bad-link"
  | "link-expired"
  | "other-relay"
  | "already-known"
  | "not-admitted"
  | "relay-unreachable"
  | "relay-outdated"
  | "not-allowed"
  | "not-a-member"
  | "unverified"
  | "blocked"
  | "too-long"
  | "too-large"
  | "too-many-members"
  | "empty"
  | "storage-full"
  | "storage-failed"
  | "attachment-gone"
  | "attachment-damaged"
  | "cancelled"
  | "conversation-closed"
  | "bad-value"
  | "vault-exists"
  | "no-guards"
  | "guards-unreachable"
  | "guards-refused"
  | "bad-secret"
  | "wrong-secret"
  | "not-possible"
  | "bad-kit"
  | "kit-damaged"
  | "relay-unknown"
  | "travel-not-found"
  | "travel-damaged";

/** A refusal that a person can act on. */
export class ClientError extends Error {
  override readonly name = "ClientError";
  readonly code: ClientErrorCode;

  constructor(code: ClientErrorCode, options?: ErrorOptions) {
    super(code, options);
    this.code = code;
  }
}
