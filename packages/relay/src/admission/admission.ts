/** Decides who may make logs, pools and blobs at this relay. Made so that a refusal looks the same whatever its reason. */
export interface Admission {
  readonly kind: "open" | "code";
  /** Spends one use of the code. @returns false for a code that is unknown, used up or expired. */
  admit(code: Uint8Array): Promise<boolean>;
  /** Gives back one use: what was asked for was not made. */
  refund(code: Uint8Array): Promise<void>;
  /** From now on it is of this kind. Absent where that is fixed at the start. */
  use?(kind: Admission["kind"]): void;
}

/** Everybody may. */
export const openAdmission: Admission = {
  kind: "open",
  admit: () => Promise.resolve(true),
  refund: () => Promise.resolve(),
};
