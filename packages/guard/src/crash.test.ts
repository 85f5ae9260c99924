import { randomInt } from "node:crypto";
import { join } from "node:path";
import { initCrypto, systemRandom } from "@stonechat/crypto/guard";
import type { GuardTag } from "@stonechat/protocol";
import { beforeAll, expect, test } from "vitest";
import { startChildGuard, type ChildGuard } from "./testing/child-guard.ts";
import { temporaryFolder } from "./testing/guard-fixture.ts";
import { overHttp, TestDevice } from "./testing/test-device.ts";

beforeAll(initCrypto);
const ROUNDS = Number(process.env["STONECHAT_KILL_ROUNDS"] ?? 8);
const DEVICES = 6;
/** Of the 36 that all devices could get in one round. */
const MAX_ANSWERS = 24;

/** A device that was told its guesses and its openings, and what became of them. */
interface Ledger {
  readonly device: TestDevice;
  readonly real: GuardTag;
  readonly decoy: GuardTag;
  /** Guesses that were sent, and of them those that were answered. */
  sent: number;
  answered: number;
  decoyOpened: boolean;
}

test(
  `killed ${String(ROUNDS)} times at some moment, a guard gives no guess back and releases nothing that it had overwritten`,
  { timeout: 60_000 + ROUNDS * 5000 },
  async () => {
    const data = join(await temporaryFolder(), "data");
    let decoysOpened = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const guard = await startChildGuard(data);
      const ledgers = await Promise.all(Array.from({ length: DEVICES }, () => register(guard)));
      const work = ledgers.map((ledger, at) => (at % 2 === 0 ? guessOn(ledger) : openDecoy(ledger)));
      // After so many answers, with other requests at whatever stage they are in; once at least after a decoy's.
      const enough = randomInt(1, MAX_ANSWERS);
      const late = round === ROUNDS - 1 && decoysOpened === 0;
      const goesOn = (): boolean =>
        ledgers.reduce((sum, { answered }) => sum + answered, 0) < enough || (late && !ledgers.some(isOpened));
      while (goesOn()) await new Promise(setImmediate);
      await guard.kill();
      await Promise.all(work);
      const again = await startChildGuard(data);
      expect(again.publicKey).toEqual(guard.publicKey);
      for (const ledger of ledgers) await check(again, ledger);
      decoysOpened += ledgers.filter(isOpened).length;
      expect(await again.stop()).toBe(0);
    }
    expect(decoysOpened).toBeGreaterThan(0);
  },
);

function isOpened({ decoyOpened }: Ledger): boolean {
  return decoyOpened;
}

async function register(guard: ChildGuard): Promise<Ledger> {
  const device = new TestDevice(systemRandom(), guard.publicKey, overHttp(guard.url));
  const [real, decoy] = [device.dealer.tag(), device.dealer.tag()];
  expect(await device.register(device.dealer.entries(real, decoy))).toEqual({ type: "done" });
  return { device, real, decoy, sent: 0, answered: 0, decoyOpened: false };
}

/** Wrong guesses until none is left, or the guard dies. */
async function guessOn(ledger: Ledger): Promise<void> {
  const { device } = ledger;
  while (ledger.sent < 10) {
    ledger.sent += 1;
    const answer = await device.ask({ type: "evaluate", generation: 1, blindedElement: device.dealer.element() });
    if (answer?.type !== "evaluated") return;
    ledger.answered += 1;
    expect(answer.guessesLeft).toBe(10 - ledger.sent);
  }
}

async function openDecoy(ledger: Ledger): Promise<void> {
  const { device, decoy } = ledger;
  const evaluated = await device.ask({ type: "evaluate", generation: 1, blindedElement: device.dealer.element() });
  if (evaluated?.type !== "evaluated") return;
  const opened = await device.ask({ type: "open", ticket: evaluated.ticket, tag: decoy });
  ledger.decoyOpened = opened?.type === "opened";
}

async function check(guard: ChildGuard, ledger: Ledger): Promise<void> {
  const { keys, recordId } = ledger.device;
  const device = new TestDevice(systemRandom(), guard.publicKey, overHttp(guard.url));
  const ask = async (operation: Parameters<TestDevice["ask"]>[0]) =>
    device.carry(device.seal(operation, device.nonce, keys.privateKey, recordId));
  await device.ask({ type: "hello" });
  const status = await ask({ type: "status" });
  if (status?.type !== "status") expect.fail("the record is gone");
  expect(status.guessesLeft).toBeLessThanOrEqual(10 - ledger.answered);
  expect(status.guessesLeft).toBeGreaterThanOrEqual(10 - Math.max(1, ledger.sent));
  if (status.guessesLeft === 0) return;
  const evaluated = await ask({ type: "evaluate", generation: 1, blindedElement: device.dealer.element() });
  if (evaluated?.type !== "evaluated") expect.fail("did not evaluate");
  const opened = await ask({ type: "open", ticket: evaluated.ticket, tag: ledger.real });
  if (ledger.decoyOpened) expect(opened).toEqual({ type: "closed" });
}
