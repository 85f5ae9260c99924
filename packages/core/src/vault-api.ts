import type { Instant } from "./client-views.ts";

/**
 * What a host can ask of a vault before and while it is open. Plain, structured-cloneable data, as in the client's API.
 */

/** `none`: opens by itself, for programs; protects nothing on a seized device. */
export type VaultMode = "pin" | "passphrase" | "none";

/** What the device shows to everybody who holds it. */
export type VaultStatus =
  | { readonly type: "absent" }
  | { readonly type: "locked"; readonly mode: VaultMode; readonly guards: GuardsView | undefined }
  /** There was a vault, and its files are gone or too damaged to try: evicted, torn or wiped half way. */
  | { readonly type: "damaged" };

/** Guards a new vault would be, or this vault is, set up with. */
export interface GuardsView {
  readonly needed: number;
  readonly guards: readonly {
    readonly name: string;
    readonly operator: string;
    readonly url: string;
    /** First 16 hex digits of the SHA-256 of its key. */
    readonly fingerprint: string;
  }[];
  /** Guesses that a thief of the device has, if no guard cheats. */
  readonly guesses: number;
  /** Guards that may cheat without the duress PIN losing its force. */
  readonly cheatersBorne: number;
  /** Guards that may vanish without the vault being lost. */
  readonly lossesBorne: number;
}

export type SecretJudgement = "good" | "too-short" | "too-long" | "common" | "not-digits" | "same-as-other";

/** How a vault is made. Which kind, destroy or conceal, is fixed then; it is no secret. */
export type NewVault =
  | { readonly mode: "pin"; readonly relayUrl: string; readonly pin: string; readonly kind: "destroy" | "conceal" }
  | { readonly mode: "passphrase"; readonly passphrase: string; readonly relayUrl: string }
  | { readonly mode: "none"; readonly relayUrl: string };

/** `wrong` stands for a wrong secret, a destroyed vault and a record that no guard knows: nothing tells them apart. */
export type UnlockResult =
  | { readonly type: "opened" }
  | { readonly type: "wrong" }
  /** Too few guards could be reached; nothing was lost. */
  | { readonly type: "unreachable"; readonly reached: number; readonly needed: number };

/** What an open vault says of itself. The same fields with the same meaning whichever vault it is. */
export interface VaultView {
  readonly mode: VaultMode;
  readonly kind: "destroy" | "conceal";
  readonly guards: GuardsView | undefined;
  /** In destroy mode: whether this vault keeps a duress PIN. A decoy keeps none, like the vault of who never set one. */
  readonly duressPin: boolean;
  /** This is the decoy, entered from the real vault to fill it. */
  readonly visiting: boolean;
  /** Guesses that somebody else used since this vault was last open: a copy of this device is being tried. */
  readonly foreignGuesses: number;
  /** Guards that answered at the last unlock or burn. */
  readonly guardsReached: number;
  /** When data were last burnt; undefined before the first time. */
  readonly burntAt: Instant | undefined;
  /** Bytes that all slots together take on this device. */
  readonly storageBytes: number;
}

/** How the app locks by itself. Kept inside the vault. Zero means at once, `undefined` never. */
export interface LockSettings {
  /** Covers the screen; any key of this session lets go of it with the secret, without guards. */
  readonly softAfterMs: number | undefined;
  /** Ends the worker that holds the keys. */
  readonly hardAfterMs: number | undefined;
  /** After the page was hidden or the device slept for so long. */
  readonly hiddenAfterMs: number | undefined;
}
