import { mlsPrimitives, sha256 } from "@stonechat/crypto";
import {
  commitDetails,
  encodeContent,
  messageDetails,
  parseHex,
  toHex,
  type CommitDetails,
  type ContentBody,
  type EntryId,
  type EntryKind,
  type MessageDetails,
  type MessageId,
  type Reply,
  type SignedDeviceList,
  type TokenHash,
} from "@stonechat/protocol";
import type { ClientWorld, Person } from "@stonechat/testkit/client-world";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { testSqlite } from "@stonechat/testkit/test-sqlite";
import { conversationByGroup, type ConversationRecord } from "../conversations/conversation-record.ts";
import { exportEpochKeys, listInConversation, loadStoredGroup } from "../conversations/epoch.ts";
import { loadAccount, toDeviceKeys, type Account } from "../identity/account.ts";
import { createMls, type Mls } from "../mls/index.ts";
import type { MlsGroup, StoredGroup } from "../mls/contract.ts";
import { sealEntry } from "../sync/envelope.ts";
import { openDatabase } from "../vault/database.ts";
import { MIGRATIONS } from "../vault/schema.ts";
import { askRelay } from "./ask-relay.ts";

/** A member with a program of its own: has all the keys of a member, and keeps no rule. */
export class Attacker {
  readonly mls: Mls;
  readonly account: Account;
  readonly record: ConversationRecord;
  readonly head: MessageDetails["senderHead"];
  /** The device list that holds for her in this conversation. */
  readonly ownList: SignedDeviceList;
  /** All that her device held of the group when she took over. */
  readonly stored: StoredGroup;
  #group: MlsGroup;
  readonly #world: ClientWorld;
  readonly #random = repeatableRandom("attacker");

  /** Use {@link become}. */
  constructor(
    world: ClientWorld,
    mls: Mls,
    stolen: {
      readonly account: Account;
      readonly record: ConversationRecord;
      readonly head: MessageDetails["senderHead"];
      readonly ownList: SignedDeviceList;
      readonly stored: StoredGroup;
      readonly group: MlsGroup;
    },
  ) {
    this.#world = world;
    this.mls = mls;
    this.account = stolen.account;
    this.record = stolen.record;
    this.head = stolen.head;
    this.ownList = stolen.ownList;
    this.stored = stolen.stored;
    this.#group = stolen.group;
  }

  /** Ends the person's honest program and takes over with what its database holds. */
  static async become(world: ClientWorld, person: Person, conversation: string): Promise<Attacker> {
    await world.until(person.client.close());
    const sqlite = await testSqlite();
    const db = await openDatabase({ sqlite, files: person.files, name: "stonechat.db", migrations: MIGRATIONS });
    const stolen = await db.transaction((tx) => {
      const account = loadAccount(tx);
      const record = conversationByGroup(tx, parseHex(conversation));
      if (account === undefined || record === undefined) throw new RangeError("nothing to steal");
      const own = listInConversation(tx, record.id, account.identityKey);
      if (own === undefined) throw new RangeError("no device list");
      return {
        account,
        record,
        head: own.head,
        ownList: own.signed,
        stored: loadStoredGroup(tx, record.id),
      };
    });
    await db.close();
    const mls = createMls({ primitives: mlsPrimitives(repeatableRandom("attack")), now: () => world.clock.now() });
    const group = await mls.load(stolen.stored, toDeviceKeys(stolen.account));
    return new Attacker(world, mls, { ...stolen, group });
  }

  get group(): MlsGroup {
    return this.#group;
  }

  /** What an honest member would say of the epoch. */
  get honestDetails(): MessageDetails {
    return { senderHead: this.head, stateHash: this.record.stateHash };
  }

  /** Sends a content as a message, or the given plaintext. */
  async sendMessage(
    content: ContentBody | Uint8Array,
    details: MessageDetails = this.honestDetails,
    messageId?: string,
  ): Promise<{ readonly reply: Reply; readonly body: Uint8Array }> {
    const id = (messageId === undefined ? this.#random.bytes(16) : parseHex(messageId)) as MessageId;
    const plaintext =
      content instanceof Uint8Array
        ? content
        : encodeContent({ messageId: id, sentAt: 0, body: content, extensions: new Uint8Array(0) });
    const { message, step } = await this.#group.encrypt(plaintext, messageDetails.encode(details));
    this.#group = step.group;
    const body = this.seal("message", message);
    return { reply: await this.append(body), body };
  }

  /** Commits whatever is asked for. */
  async commit(
    change: Pick<Parameters<MlsGroup["stageCommit"]>[0], "add" | "remove">,
    details: Partial<CommitDetails> | Uint8Array = {},
  ): Promise<Reply> {
    const authenticatedData =
      details instanceof Uint8Array
        ? details
        : commitDetails.encode({ settings: undefined, deviceLists: [], names: [], ...details });
    const staged = await this.#group.stageCommit({ ...change, authenticatedData });
    const { readToken, appendToken } = await exportEpochKeys(staged.step.group);
    return askRelay(this.#world, {
      type: "commit",
      logId: this.record.logId,
      appendToken: this.record.keys.appendToken,
      entryId: this.#random.bytes(16) as EntryId,
      body: this.seal("commit", staged.message),
      nextReadHash: sha256(readToken) as TokenHash,
      nextAppendHash: sha256(appendToken) as TokenHash,
    });
  }

  /** Bytes that nobody made, as the commit that ends the epoch. */
  commitNoise(body: Uint8Array): Promise<Reply> {
    return askRelay(this.#world, {
      type: "commit",
      logId: this.record.logId,
      appendToken: this.record.keys.appendToken,
      entryId: this.#random.bytes(16) as EntryId,
      body,
      nextReadHash: this.#random.bytes(32) as TokenHash,
      nextAppendHash: this.#random.bytes(32) as TokenHash,
    });
  }

  /** Appends any bytes as a message's entry. */
  append(body: Uint8Array): Promise<Reply> {
    return askRelay(this.#world, {
      type: "append",
      logId: this.record.logId,
      appendToken: this.record.keys.appendToken,
      entryId: this.#random.bytes(16) as EntryId,
      ttlSeconds: 86_400,
      body,
    });
  }

  /** Seals an MLS message as a member can, for either kind of entry. */
  seal(kind: EntryKind, message: Uint8Array): Uint8Array {
    return sealEntry(this.record.keys.entryKey, this.record.logId, kind, message, this.#random);
  }

  /** The leaf of an account. */
  leafOf(id: string): number {
    const leaf = this.#group.members().find(({ identityKey }) => toHex(identityKey) === id)?.leaf;
    if (leaf === undefined) throw new RangeError("not a member");
    return leaf;
  }
}
