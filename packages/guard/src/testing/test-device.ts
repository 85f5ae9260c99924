import { openGuardReply, sealGuardRequest, sha256 } from "@stonechat/crypto/guard";
import { sign, signKeyPairFromSeed, type Random, type SignKeyPair } from "@stonechat/crypto";
import {
  decodeFixedSize,
  encodeFixedSize,
  GUARD_NONCE_BYTES,
  GUARD_PATH,
  guardReply,
  guardRequest,
  guardSigned,
  sealedGuardRequest,
  type DeviceKey,
  type GuardAnswer,
  type GuardId,
  type GuardOperation,
  type RecordId,
  type Signature,
} from "@stonechat/protocol";
import { Dealer, type DealtEntry } from "./dealer.ts";

/** Carries one sealed request. Undefined: no answer came. */
export type Carrier = (body: Uint8Array) => Promise<Uint8Array | undefined>;

/** Carries over HTTP, and takes only whole answers of status 200. */
export function overHttp(url: string): Carrier {
  return async (body) => {
    try {
      const headers = { "content-type": "application/octet-stream" };
      // A body of ours never lies in shared memory, which is all that the narrower type excludes.
      const sent = { method: "POST", headers, body: body as Uint8Array<ArrayBuffer> };
      const response = await fetch(`${url}${GUARD_PATH}`, sent);
      const bytes = new Uint8Array(await response.arrayBuffer());
      return response.status === 200 ? bytes : undefined;
    } catch {
      // Killed in the middle, which is what some tests are about.
      return undefined;
    }
  };
}

/** One device, asking one guard question by question: each step in the open, so that tests can leave one out or repeat it. */
export class TestDevice {
  readonly recordId: RecordId;
  readonly keys: SignKeyPair;
  readonly dealer: Dealer;
  nonce: Uint8Array = new Uint8Array(GUARD_NONCE_BYTES);
  readonly #random: Random;
  readonly #publicKey: Uint8Array;
  readonly #carry: Carrier;

  constructor(random: Random, publicKey: Uint8Array, carry: Carrier) {
    this.#random = random;
    this.#publicKey = publicKey;
    this.#carry = carry;
    this.recordId = random.bytes(16) as RecordId;
    this.keys = signKeyPairFromSeed(random.bytes(32));
    this.dealer = new Dealer(random);
  }

  /** A sealed request, and what opens its reply. */
  seal(operation: GuardOperation, nonce = this.nonce, privateKey = this.keys.privateKey, recordId = this.recordId) {
    const guardId = sha256(this.#publicKey) as GuardId;
    const message = guardSigned.encode({ guardId, recordId, nonce, operation });
    const signature = sign("guard request", message, privateKey) as Signature;
    const plaintext = encodeFixedSize(guardRequest, { recordId, nonce, operation, signature });
    const { sealed, replyKey } = sealGuardRequest(this.#publicKey, plaintext, this.#random);
    return { body: sealedGuardRequest.encode({ sealed }), replyKey };
  }

  /** One question with the nonce at hand, or with none of its own for `hello`. */
  async ask(operation: GuardOperation): Promise<GuardAnswer | undefined> {
    return this.carry(this.seal(operation));
  }

  /** Sends what {@link seal} made, and takes the nonce that comes along. */
  async carry({ body, replyKey }: ReturnType<TestDevice["seal"]>): Promise<GuardAnswer | undefined> {
    const sealed = await this.#carry(body);
    if (sealed === undefined) return undefined;
    const { nonce, answer } = decodeFixedSize(guardReply, openGuardReply(replyKey, sealed));
    this.nonce = nonce;
    return answer;
  }

  /** Registers four entries, of which these are the first, and has a fresh nonce afterwards. */
  async register(entries: readonly DealtEntry[] = this.dealer.entries()): Promise<GuardAnswer | undefined> {
    await this.ask({ type: "hello" });
    return this.ask({ ...this.dealer.register(entries), authKey: this.keys.publicKey as DeviceKey } as GuardOperation);
  }

  /** What the guard says is left. */
  async guessesLeft(): Promise<number | undefined> {
    await this.ask({ type: "hello" });
    const answer = await this.ask({ type: "status" });
    return answer?.type === "status" ? answer.guessesLeft : undefined;
  }
}
