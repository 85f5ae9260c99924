import { openAdmission, type Admission } from "./admission.ts";

type Codes = Admission & { close(): void };

/** An {@link Admission} whose kind may change while the relay runs. Close it when done. */
export class SwitchedAdmission implements Admission {
  #kind: Admission["kind"];
  readonly #openCodes: () => Codes;
  #codes: Codes | undefined;

  /** @param openCodes - Called when codes are first needed. */
  constructor(kind: Admission["kind"], openCodes: () => Codes) {
    this.#kind = kind;
    this.#openCodes = openCodes;
    this.use(kind);
  }

  get kind(): Admission["kind"] {
    return this.#kind;
  }

  admit(code: Uint8Array): Promise<boolean> {
    return this.#current.admit(code);
  }

  refund(code: Uint8Array): Promise<void> {
    return this.#current.refund(code);
  }

  use(kind: Admission["kind"]): void {
    if (kind === "code") this.#codes ??= this.#openCodes();
    this.#kind = kind;
  }

  close(): void {
    this.#codes?.close();
  }

  get #current(): Admission {
    return this.#kind === "code" && this.#codes !== undefined ? this.#codes : openAdmission;
  }
}
