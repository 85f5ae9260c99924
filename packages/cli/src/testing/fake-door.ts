import {
  ClientError,
  type GuardsView,
  type NewVault,
  type OpenVault,
  type SecretJudgement,
  type UnlockResult,
  type VaultBytes,
  type VaultDoor,
  type VaultMode,
  type VaultStatus,
  type VaultView,
} from "@stonechat/core";

/** Guards that a fake relay offers. */
export const GUARDS: GuardsView = {
  needed: 2,
  guards: ["Alder", "Birch", "Cedar"].map((name) => ({
    name,
    operator: `${name} e.V.`,
    url: `https://${name.toLowerCase()}.test`,
    fingerprint: "0123456789abcdef",
  })),
  guesses: 15,
  cheatersBorne: 0,
  lossesBorne: 1,
};

/** What an open vault with a PIN says of itself. */
export const PIN_VIEW: VaultView = {
  mode: "pin",
  kind: "destroy",
  guards: GUARDS,
  duressPin: false,
  visiting: false,
  foreignGuesses: 0,
  guardsReached: 3,
  burntAt: undefined,
  storageBytes: 4096,
};

/** A vault in memory: what lies behind it is only its secrets. */
export class FakeDoor implements VaultDoor {
  /** What lies in the folder. */
  state: "absent" | "locked" | "damaged" = "locked";
  mode: VaultMode = "none";
  secret = "";
  /** Opens the decoy, and ends {@link FakeDoor.secret}. */
  duress: string | undefined;
  offered: GuardsView | undefined = GUARDS;
  reachable = true;
  foreignGuesses = 0;
  refusal: ClientError | undefined;
  noDecoy: ClientError | undefined;
  readonly opened: FakeVault[] = [];
  #proposals = 0;
  /** What was done, in order. */
  readonly calls: unknown[] = [];

  /** A door to a vault with this secret. */
  static locked(mode: "pin" | "passphrase", secret: string): FakeDoor {
    return Object.assign(new FakeDoor(), { mode, secret });
  }

  /** A door to an empty folder. */
  static absent(): FakeDoor {
    return Object.assign(new FakeDoor(), { state: "absent" });
  }

  async status(): Promise<VaultStatus> {
    if (this.state !== "locked") return { type: this.state };
    return { type: "locked", mode: this.mode, guards: this.mode === "pin" ? GUARDS : undefined };
  }

  async offeredGuards(): Promise<GuardsView | undefined> {
    if (!this.reachable) throw new ClientError("guards-unreachable");
    return this.offered;
  }

  proposePin(): string {
    this.#proposals += 1;
    return this.#proposals % 2 === 1 ? "482913" : "739104";
  }

  proposePassphrase(): string {
    return "alpha bravo charlie delta echo foxtrot";
  }

  judgeSecret(mode: VaultMode, secret: string): SecretJudgement {
    if (mode === "pin") {
      if (!/^\d*$/.test(secret)) return "not-digits";
      if (secret.length < 6) return "too-short";
    }
    return secret === "123456" ? "common" : "good";
  }

  async create(input: NewVault): Promise<OpenVault> {
    this.calls.push(["create", input]);
    if (this.refusal !== undefined) throw this.refusal;
    this.state = "locked";
    this.mode = input.mode;
    this.secret = input.mode === "pin" ? input.pin : input.mode === "passphrase" ? input.passphrase : "";
    return this.#open();
  }

  async unlock(secret: string): Promise<{ readonly result: UnlockResult; readonly vault: OpenVault | undefined }> {
    this.calls.push(["unlock", secret]);
    if (this.mode === "pin" && !this.reachable)
      return { result: { type: "unreachable", reached: 1, needed: 2 }, vault: undefined };
    if (secret === this.duress) {
      this.secret = secret;
      this.duress = undefined;
    }
    if (secret !== this.secret) return { result: { type: "wrong" }, vault: undefined };
    return { result: { type: "opened" }, vault: this.#open() };
  }

  async wipe(): Promise<{ readonly guardsReached: number; readonly guards: number }> {
    this.calls.push(["wipe"]);
    this.state = "absent";
    return { guardsReached: this.reachable ? 3 : 1, guards: 3 };
  }

  async forget(): Promise<void> {
    this.calls.push(["forget"]);
    this.state = "absent";
  }

  async importFrom(source: VaultBytes): Promise<void> {
    this.calls.push(["importFrom", source.size]);
    this.state = "locked";
  }

  #open(): FakeVault {
    const vault = new FakeVault(this);
    this.opened.push(vault);
    return vault;
  }
}

/** An open vault without files. */
export class FakeVault implements OpenVault {
  readonly files: OpenVault["files"] = {
    open: () => Promise.reject(new Error("a fake vault has no files")),
    exists: async () => false,
    delete: async () => undefined,
    list: async () => [],
  };
  closed = false;
  visiting = false;
  readonly #door: FakeDoor;

  constructor(door: FakeDoor) {
    this.#door = door;
  }

  view(): VaultView {
    const { mode, foreignGuesses } = this.#door;
    const shown = {
      ...PIN_VIEW,
      mode,
      foreignGuesses,
      visiting: this.visiting,
      duressPin: this.#door.duress !== undefined,
    };
    return mode === "pin" ? shown : { ...shown, guards: undefined, guardsReached: 0 };
  }

  async settled(): Promise<void> {
    return undefined;
  }

  async burn(): Promise<"burned"> {
    return "burned";
  }

  async changeSecret(): Promise<void> {
    return undefined;
  }

  async recognises(): Promise<boolean> {
    return true;
  }

  async setDuressPin(pin: string | undefined): Promise<void> {
    this.#door.calls.push(["setDuressPin", pin]);
    this.#door.duress = pin;
  }

  async visitDecoy(): Promise<OpenVault> {
    if (this.#door.noDecoy !== undefined) throw this.#door.noDecoy;
    this.closed = true;
    const decoy = new FakeVault(this.#door);
    decoy.visiting = true;
    this.#door.opened.push(decoy);
    return decoy;
  }

  async addHidden(): Promise<void> {
    return undefined;
  }

  revocations(): ReturnType<OpenVault["revocations"]> {
    return [];
  }

  exportSource(): VaultBytes {
    return { size: 0, read: async () => 0 };
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}
