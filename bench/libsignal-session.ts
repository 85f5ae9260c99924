import {
  CiphertextMessageType,
  IdentityChange,
  IdentityKeyPair,
  IdentityKeyStore,
  KEMKeyPair,
  KyberPreKeyRecord,
  KyberPreKeyStore,
  PreKeyBundle,
  PreKeyRecord,
  PreKeySignalMessage,
  PreKeyStore,
  PrivateKey,
  processPreKeyBundle,
  ProtocolAddress,
  SessionRecord,
  SessionStore,
  signalDecrypt,
  signalDecryptPreKey,
  signalEncrypt,
  SignalMessage,
  SignedPreKeyRecord,
  SignedPreKeyStore,
  type PublicKey,
} from "@signalapp/libsignal-client";

/** What a message is called once the session is established: the library types it as a number. */
const ESTABLISHED: number = CiphertextMessageType.Whisper;

/** Bytes as libsignal wants them. */
type Bytes = Uint8Array<ArrayBuffer>;

/** One end of a one-to-one session of libsignal, with its state in memory, serialised after each step as at rest. */
export interface SignalEnd {
  encrypt(plaintext: Bytes): Promise<Bytes>;
  decrypt(ciphertext: Bytes): Promise<Bytes>;
}

/** Two ends that have both sent once (PQXDH, then the double ratchet), so that no PreKey message follows. */
export async function signalSession(): Promise<readonly [SignalEnd, SignalEnd]> {
  const [alice, bob] = [new Party("alice"), new Party("bob")];
  await processPreKeyBundle(bob.bundle(), bob.address, alice.address, alice.sessions, alice.identity);
  const hello = await signalEncrypt(new Uint8Array(1), bob.address, alice.address, alice.sessions, alice.identity);
  await signalDecryptPreKey(
    PreKeySignalMessage.deserialize(hello.serialize()),
    alice.address,
    bob.address,
    bob.sessions,
    bob.identity,
    bob.preKeys,
    bob.signedPreKeys,
    bob.kyberPreKeys,
  );
  const ends = [toEnd(alice, bob), toEnd(bob, alice)] as const;
  await ends[0].decrypt(await ends[1].encrypt(new Uint8Array(1)));
  return ends;
}

function toEnd(own: Party, peer: Party): SignalEnd {
  return {
    async encrypt(plaintext) {
      const message = await signalEncrypt(plaintext, peer.address, own.address, own.sessions, own.identity);
      if (message.type() !== ESTABLISHED) throw new Error("session is not established");
      return message.serialize();
    },
    decrypt: (ciphertext) =>
      signalDecrypt(SignalMessage.deserialize(ciphertext), peer.address, own.address, own.sessions, own.identity),
  };
}

class Sessions extends SessionStore {
  readonly #rows = new Map<string, Bytes>();
  override saveSession(name: ProtocolAddress, record: SessionRecord): Promise<void> {
    this.#rows.set(name.toString(), record.serialize());
    return Promise.resolve();
  }
  override getSession(name: ProtocolAddress): Promise<SessionRecord | null> {
    const row = this.#rows.get(name.toString());
    return Promise.resolve(row === undefined ? null : SessionRecord.deserialize(row));
  }
  override async getExistingSessions(names: ProtocolAddress[]): Promise<SessionRecord[]> {
    return (await Promise.all(names.map((name) => this.getSession(name)))).filter((record) => record !== null);
  }
}

class Identity extends IdentityKeyStore {
  readonly pair = IdentityKeyPair.generate();
  readonly #known = new Map<string, PublicKey>();
  override getIdentityKey(): Promise<PrivateKey> {
    return Promise.resolve(this.pair.privateKey);
  }
  override getLocalRegistrationId(): Promise<number> {
    return Promise.resolve(1);
  }
  override saveIdentity(name: ProtocolAddress, key: PublicKey): Promise<IdentityChange> {
    this.#known.set(name.toString(), key);
    return Promise.resolve(IdentityChange.NewOrUnchanged);
  }
  override isTrustedIdentity(): Promise<boolean> {
    return Promise.resolve(true);
  }
  override getIdentity(name: ProtocolAddress): Promise<PublicKey | null> {
    return Promise.resolve(this.#known.get(name.toString()) ?? null);
  }
}

class Party {
  readonly address: ProtocolAddress;
  readonly sessions = new Sessions();
  readonly identity = new Identity();
  readonly preKeys: PreKeyStore;
  readonly signedPreKeys: SignedPreKeyStore;
  readonly kyberPreKeys: KyberPreKeyStore;
  readonly #preKey = PrivateKey.generate();
  readonly #signedPreKey = PrivateKey.generate();
  readonly #kyberPair = KEMKeyPair.generate();

  constructor(name: string) {
    this.address = ProtocolAddress.new(name, 1);
    const preKey = PreKeyRecord.new(1, this.#preKey.getPublicKey(), this.#preKey);
    const signed = SignedPreKeyRecord.new(
      1,
      0,
      this.#signedPreKey.getPublicKey(),
      this.#signedPreKey,
      this.#sign(this.#signedPreKey.getPublicKey().serialize()),
    );
    const kyber = KyberPreKeyRecord.new(1, 0, this.#kyberPair, this.#sign(this.#kyberPair.getPublicKey().serialize()));
    this.preKeys = new (class extends PreKeyStore {
      override savePreKey(): Promise<void> {
        return Promise.resolve();
      }
      override getPreKey(): Promise<PreKeyRecord> {
        return Promise.resolve(preKey);
      }
      override removePreKey(): Promise<void> {
        return Promise.resolve();
      }
    })();
    this.signedPreKeys = new (class extends SignedPreKeyStore {
      override saveSignedPreKey(): Promise<void> {
        return Promise.resolve();
      }
      override getSignedPreKey(): Promise<SignedPreKeyRecord> {
        return Promise.resolve(signed);
      }
    })();
    this.kyberPreKeys = new (class extends KyberPreKeyStore {
      override saveKyberPreKey(): Promise<void> {
        return Promise.resolve();
      }
      override getKyberPreKey(): Promise<KyberPreKeyRecord> {
        return Promise.resolve(kyber);
      }
      override markKyberPreKeyUsed(): Promise<void> {
        return Promise.resolve();
      }
    })();
  }

  bundle(): PreKeyBundle {
    const signedPreKey = this.#signedPreKey.getPublicKey();
    const kyber = this.#kyberPair.getPublicKey();
    return PreKeyBundle.new(
      1,
      1,
      1,
      this.#preKey.getPublicKey(),
      1,
      signedPreKey,
      this.#sign(signedPreKey.serialize()),
      this.identity.pair.publicKey,
      1,
      kyber,
      this.#sign(kyber.serialize()),
    );
  }

  #sign(message: Bytes): Bytes {
    return this.identity.pair.privateKey.sign(message);
  }
}
