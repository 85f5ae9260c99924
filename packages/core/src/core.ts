import type { Random } from "@stonechat/crypto";
import { toHex } from "@stonechat/protocol";
import { createHttpBlobTransport } from "./attachments/http-blob-transport.ts";
import { AttachmentTransfers } from "./attachments/attachment-transfers.ts";
import { ClientError, type ClientEvent, type ConnectionState } from "./client-api.ts";
import { readAnswer, type AttemptRow } from "./contacts/join-attempts.ts";
import { openInvites, readInvite } from "./contacts/invites.ts";
import { acceptRequest } from "./contacts/requests.ts";
import { fillPool } from "./contacts/own-pool.ts";
import { ReceiptSender } from "./content/receipts.ts";
import type { CoreContext } from "./context.ts";
import type { CorePorts } from "./core-ports.ts";
import { allConversations, conversationByRow } from "./conversations/conversation-record.ts";
import { resumeRemovals } from "./conversations/removals.ts";
import { resumeSuccessions } from "./conversations/successor.ts";
import type { ExpiringDatabase } from "./expiry/expiring-database.ts";
import { Forgetting } from "./expiry/forgetting.ts";
import { WriteGate } from "./expiry/write-gate.ts";
import type { Account } from "./identity/account.ts";
import type { Mls } from "./mls/contract.ts";
import type { BlobTransport } from "./ports/blob-transport.ts";
import type { BlockFiles } from "./ports/block-files.ts";
import type { Clock, Timer } from "./ports/clock.ts";
import type { FilePort } from "./ports/file-port.ts";
import type { Transport } from "./ports/transport.ts";
import { sendDeliveries } from "./sync/deliveries.ts";
import { Progress } from "./sync/progress.ts";
import { receiveEntries } from "./sync/receive.ts";
import { handleRefusal } from "./sync/refused.ts";
import type { InboxReader } from "./sync/inbox-reader.ts";
import { RelayUnavailable } from "./sync/relay-link.ts";
import { Relays } from "./sync/relays.ts";
import { Runner } from "./sync/runner.ts";
import { heedRuns } from "./sync/runs.ts";
import { sendWaiting } from "./sync/send.ts";
import { retryIntents } from "./sync/staged-commit.ts";
import { SerialQueue } from "./sync/serial-queue.ts";
import { refreshKit } from "./recovery/kit.ts";
import { bringBack } from "./recovery/restore.ts";
import { makeReturnLog, readReturns } from "./recovery/return-log.ts";
import { revokeGuards, type RevokeRecord } from "./recovery/revocations.ts";
import { claimProfile, isOnJourney } from "./travel/claim.ts";
import type { OpenVault } from "./vault/open-vault.ts";

/** After a refusal that may be over soon, such as a full disk. */
const RETRY_MS = 10_000;
/** Things that grow old while nothing happens, such as the recovery kit's file, are looked after so often. */
const UPKEEP_MS = 12 * 3_600_000;
/** The return log among the logs that are followed; all others go by their ids. */
const RETURNS = "returns";

/** The parts of the core at work: one runner a conversation, readers of invites and answers, and what wakes them. */
export class Core implements CoreContext {
  readonly db: ExpiringDatabase;
  readonly counted: ExpiringDatabase;
  readonly forgetting: Forgetting;
  readonly gate = new WriteGate();
  readonly files: BlockFiles;
  readonly vault: OpenVault | undefined;
  readonly revokeRecord: RevokeRecord | undefined;
  readonly filePort: FilePort;
  readonly clock: Clock;
  readonly random: Random;
  readonly mls: Mls;
  readonly transport: Transport;
  readonly blobs: BlobTransport;
  readonly relays: Relays;
  readonly progress: Progress;
  readonly transfers: AttachmentTransfers;
  readonly receipts: ReceiptSender;
  readonly report: (error: unknown) => void;
  readonly #listeners = new Set<(event: ClientEvent) => void>();
  readonly #runners = new Map<number, Runner>();
  readonly #readers = new Map<string, InboxReader>();
  readonly #chores = new SerialQueue();
  #choresLater: Timer | undefined;
  #account: Account | undefined;
  #started = false;
  /** See [Note: One copy goes on]. */
  #claiming = false;
  #claimed: Promise<void> = Promise.resolve();
  #claimLater: Timer | undefined;
  #upkeep: Timer | undefined;

  constructor(ports: CorePorts, db: ExpiringDatabase, mls: Mls, account: Account | undefined) {
    this.db = db;
    this.counted = db;
    this.mls = mls;
    this.files = ports.files;
    this.vault = ports.vault;
    this.revokeRecord = ports.revokeRecord;
    this.filePort = ports.filePort;
    this.clock = ports.clock;
    this.random = ports.random;
    this.transport = ports.transport;
    this.report = (error) => {
      if (!(error instanceof RelayUnavailable)) ports.report(error);
    };
    this.blobs = createHttpBlobTransport(ports.http);
    this.progress = new Progress(ports.clock);
    this.relays = new Relays(ports, {
      onState: (url) => {
        this.#onLink(url);
      },
      onActivity: () => {
        this.progress.wake();
      },
      onRuns: (url, runs) => heedRuns(this, url, runs),
    });
    this.transfers = new AttachmentTransfers(this);
    this.receipts = new ReceiptSender(this);
    this.#account = account;
    this.forgetting = new Forgetting(this);
  }

  readonly emit = (event: ClientEvent): void => {
    for (const listener of [...this.#listeners]) listener(event);
  };

  listen(listener: (event: ClientEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  account(): Account {
    if (this.#account === undefined) throw new ClientError("no-account");
    return this.#account;
  }

  get knownAccount(): Account | undefined {
    return this.#account;
  }

  setAccount(account: Account): void {
    this.#account = account;
  }

  get started(): boolean {
    return this.#started;
  }

  /** Starts everything that the database says is to be done. */
  async start(): Promise<void> {
    if (this.#started || this.#claiming) return;
    this.#claiming = await this.db.transaction((tx) => isOnJourney(tx));
    if (this.#claiming) this.#claim();
    else await this.#begin();
  }

  /** Sees to it that no other copy of this profile goes on; until that is sure nothing is sent. */
  #claim(): void {
    this.#claimed = claimProfile(this)
      .then(async (outcome) => {
        if (!this.#claiming) return;
        if (outcome === "unreachable") {
          this.#claimLater = this.clock.setTimer(RETRY_MS, () => {
            this.#claim();
          });
          return;
        }
        this.#claiming = false;
        await this.#begin();
      })
      .catch(this.report)
      .finally(() => {
        this.progress.wake();
      });
  }

  async #begin(): Promise<void> {
    this.#started = true;
    await this.transfers.sweep();
    this.forgetting.wake();
    this.#keepUp();
    if (this.#account === undefined) return;
    this.relays.at(this.#account.relayUrl);
    const records = await this.db.transaction((tx) => {
      retryIntents(tx);
      return allConversations(tx);
    });
    for (const record of records) this.#runner(record.id, record);
    await resumeRemovals(this);
    await resumeSuccessions(this);
    await bringBack(this);
    this.wakeContacts();
    this.wakeReceipts();
    this.transfers.resume().catch(this.report);
  }

  async stop(): Promise<void> {
    this.#started = false;
    this.#claiming = false;
    this.#claimLater?.cancel();
    this.#upkeep?.cancel();
    await this.#claimed;
    this.forgetting.stop();
    this.receipts.stop();
    this.#choresLater?.cancel();
    for (const runner of this.#runners.values()) runner.stop();
    await this.transfers.stop();
    this.relays.close();
    await this.#chores.run(() => undefined);
    for (const reader of this.#readers.values()) await reader.finished();
    for (const runner of this.#runners.values()) await runner.finished();
    await this.receipts.finished();
    await this.forgetting.finished();
    await this.db.close();
  }

  wakeConversation(row: number): void {
    if (!this.#started) return;
    const existing = this.#runners.get(row);
    if (existing !== undefined) {
      existing.wake();
      return;
    }
    this.db
      .transaction((tx) => conversationByRow(tx, row))
      .then((record) => {
        if (record !== undefined && this.#started) this.#runner(row, record).wake();
      })
      .catch((error: unknown) => {
        this.report(error);
        this.clock.setTimer(RETRY_MS, () => {
          this.wakeConversation(row);
        });
      });
  }

  /** A conversation was removed from this device. */
  forgetConversation(row: number): void {
    this.#runners.get(row)?.stop();
    this.#runners.delete(row);
  }

  async inConversation<T>(row: number, work: () => Promise<T>): Promise<T> {
    for (;;) {
      const runner = this.#runners.get(row);
      if (runner === undefined) return work();
      const done = await runner.queue.run(async () => (runner.stopped ? undefined : { result: await work() }));
      if (done !== undefined) return done.result;
      // Meanwhile the conversation began anew with another; or everything ends, and nobody waits for the result.
      if (this.#runners.get(row) === runner) return work();
    }
  }

  compareConversations(relayUrl: string, since: number): void {
    for (const runner of this.#runners.values()) if (runner.relayUrl === relayUrl) runner.compare(since);
  }

  rejoinGroup(requestId: string): void {
    acceptRequest(this, requestId, "not-needed").catch((error: unknown) => {
      // Refused, or out of reach just now: the request stays where the user can see it.
      if (!(error instanceof ClientError)) this.report(error);
    });
  }

  runner(row: number): Runner | undefined {
    return this.#runners.get(row);
  }

  wakeContacts(): void {
    if (!this.#started || this.#account === undefined) return;
    this.#chores
      .run(async () => {
        const url = this.#account?.relayUrl ?? "";
        const online = this.relays.at(url).link.state === "online";
        if (online) await makeReturnLog(this);
        await this.#followLogs();
        const refused = await sendDeliveries(this);
        if (online) await fillPool(this);
        if (online) await this.#keepKit();
        if (refused) this.#doChoresLater();
      })
      .catch((error: unknown) => {
        this.report(error);
        // The relay's coming back is told; the storage's is not.
        if (!(error instanceof RelayUnavailable)) this.#doChoresLater();
      })
      .finally(() => {
        this.progress.wake();
      });
  }

  #keepUp(): void {
    this.wakeContacts();
    this.#upkeep = this.clock.setTimer(UPKEEP_MS, () => {
      this.#keepUp();
    });
  }

  #doChoresLater(): void {
    this.#choresLater ??= this.clock.setTimer(RETRY_MS, () => {
      this.#choresLater = undefined;
      this.wakeContacts();
    });
  }

  wakeReceipts(): void {
    if (this.#started) this.receipts.wake();
  }

  dropLocalBlobs(blobIds: readonly Uint8Array[]): void {
    if (blobIds.length > 0) this.dropBlobs(blobIds).catch(this.report);
  }

  dropBlobs(blobIds: readonly Uint8Array[]): Promise<void> {
    return this.transfers.drop(blobIds);
  }

  connection(): ConnectionState {
    if (this.#account === undefined) return "offline";
    const { state } = this.relays.at(this.#account.relayUrl).link;
    return state === "closed" ? "offline" : state;
  }

  /** All that was asked of the relay was answered and taken in, and nothing waits to be sent. */
  async settled(): Promise<boolean> {
    if (this.#account === undefined) return true;
    if (this.#claiming) return false;
    if (this.relays.all().some(({ link, subscriptions }) => link.state !== "online" || !subscriptions.caughtUp))
      return false;
    if (!this.#chores.idle || !this.transfers.idle || [...this.#runners.values()].some((runner) => !runner.idle))
      return false;
    const waiting = await this.db.transaction((tx) =>
      tx.get(
        `SELECT 1 AS one FROM conversations c WHERE c.state = 'active' AND (c.log_made = 0 OR c.compare_since > 0
         OR EXISTS (SELECT 1 FROM outbox WHERE conversation = c.id) OR EXISTS (SELECT 1 FROM intents WHERE conversation = c.id AND waits = 0)
         OR EXISTS (SELECT 1 FROM staged_commits WHERE conversation = c.id) OR EXISTS (SELECT 1 FROM welcomes_due WHERE conversation = c.id))
       UNION ALL SELECT 1 FROM deliveries
       UNION ALL SELECT 1 FROM successions u JOIN conversations v ON v.id = u.conversation WHERE v.state = 'broken' AND u.due_at > 0 LIMIT 1`,
      ),
    );
    return waiting === undefined;
  }

  #runner(row: number, record: NonNullable<ReturnType<typeof conversationByRow>>): Runner {
    const existing = this.#runners.get(row);
    if (existing !== undefined) return existing;
    const runner = new Runner(
      this,
      {
        receive: (self, entries, span) => receiveEntries(this, self, entries, span),
        send: (self) => sendWaiting(this, self),
        refused: (self, refusal) => handleRefusal(this, self, refusal),
      },
      record,
    );
    this.#runners.set(row, runner);
    runner.start();
    return runner;
  }

  async #retryIntents(): Promise<void> {
    for (const row of await this.db.transaction(retryIntents)) this.wakeConversation(row);
  }

  async #followLogs(): Promise<void> {
    const { invites, attempts } = await this.db.transaction((tx) => ({
      invites: openInvites(tx, this.clock.now()),
      attempts: tx.all<AttemptRow>("SELECT * FROM join_attempts"),
    }));
    for (const row of invites) this.#follow(toHex(row.log_id), row.relay_url, () => readInvite(this, row));
    for (const row of attempts) this.#follow(toHex(row.log_id), row.relay_url, () => readAnswer(this, row));
    const returns = this.#readers.has(RETURNS) ? undefined : await readReturns(this);
    if (returns !== undefined) this.#follow(RETURNS, this.account().relayUrl, () => returns);
  }

  async #keepKit(): Promise<void> {
    await revokeGuards(this);
    try {
      await refreshKit(this);
    } catch (error) {
      // No room or no admission for it at the moment; what lies there still counts for weeks.
      if (!(error instanceof ClientError)) throw error;
    }
  }

  #follow(key: string, relayUrl: string, make: () => InboxReader): void {
    if (this.#readers.has(key)) return;
    const reader = make();
    this.#readers.set(key, reader);
    this.relays.at(relayUrl).subscriptions.follow(reader);
  }

  #onLink(url: string): void {
    if (!this.#started) return;
    if (this.relays.at(url).link.state === "online") {
      for (const runner of this.#runners.values()) if (runner.relayUrl === url) runner.wake();
      this.wakeContacts();
      // Pools of those who wait to be added may lie there.
      if (url !== this.#account?.relayUrl) this.#retryIntents().catch(this.report);
    }
    if (url === this.#account?.relayUrl) this.emit({ type: "connection", state: this.connection() });
  }
}
