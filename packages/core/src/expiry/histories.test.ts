import { fc, test } from "@fast-check/vitest";
import { ClientWorld, type Person } from "@stonechat/testkit/client-world";
import { MemoryBlockFiles } from "@stonechat/testkit/memory-block-files";
import { SetClock } from "@stonechat/testkit/set-clock";
import { expect } from "vitest";
import type { MessageView } from "../client-api.ts";
import { connectAll, makeGroup } from "../testing/people.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const TIMERS = [HOUR / 1000, (6 * HOUR) / 1000, DAY / 1000] as const;

type Step =
  | { readonly do: "send"; readonly who: number; readonly timer: number | undefined; readonly answer: boolean }
  | { readonly do: "edit" | "read" | "react" | "restart" | "crash" | "burn"; readonly who: number }
  | { readonly do: "let pass"; readonly hours: number }
  | { readonly do: "set clock"; readonly who: number; readonly hours: number }
  | { readonly do: "set timer"; readonly who: number; readonly timer: number }
  | { readonly do: "cut" | "join" };

const who = fc.nat(2);
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("send" as const),
      who,
      timer: fc.constantFrom(undefined, ...TIMERS),
      answer: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("read" as const), who }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom("edit", "react", "restart", "crash", "burn"), who }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("let pass" as const), hours: fc.integer({ min: 1, max: 30 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("set clock" as const), who, hours: fc.integer({ min: -9000, max: 9000 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("set timer" as const), who, timer: fc.constantFrom(0, ...TIMERS) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("cut", "join") }) },
);

/** What one device has shown of one message. */
interface Seen {
  /** Every text it had here. */
  readonly words: Set<string>;
  gone: boolean;
  /** When its countdown was first seen, by the device's clock, and how long it was to run then. */
  started: { readonly at: number; readonly runs: number } | undefined;
  /** Since then somebody put the clock forward, or back. */
  forward: boolean;
  back: boolean;
}

interface Device {
  person: Person;
  readonly files: MemoryBlockFiles;
  readonly clock: SetClock;
  readonly seen: Map<string, Seen>;
  events: number;
  /** The latest time that the clock has shown. */
  highest: number;
}

class History {
  readonly world = new ClientWorld();
  readonly devices: Device[] = [];
  group = "";
  #words = 0;
  disappearances = 0;

  async begin(): Promise<void> {
    for (const name of ["Ada", "Bea", "Cy"]) {
      const files = new MemoryBlockFiles(this.devices.length + 1);
      const clock = new SetClock(this.world.clock);
      const person = await this.world.open(files, { clock });
      await this.world.until(person.client.createAccount({ name, relayUrl: "http://localhost:1", deviceName: name }));
      this.devices.push({ person, files, clock, seen: new Map(), events: 0, highest: clock.now() });
    }
    const [ada, bea, cy] = this.devices.map(({ person }) => person) as [Person, Person, Person];
    await connectAll(this.world, ada, bea, cy);
    this.group = await makeGroup(this.world, "Team", ada, bea, cy);
  }

  async end(): Promise<void> {
    for (const { person } of this.devices) await person.client.close();
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case "send":
        return this.#send(step.who, step.timer, step.answer);
      case "edit": {
        const own = (await this.#shown(step.who)).findLast(({ canEdit }) => canEdit);
        if (own !== undefined) await this.#client(step.who).edit(this.group, own.id, this.#word());
        return;
      }
      case "react": {
        const last = (await this.#shown(step.who)).findLast(({ body }) => body.type === "text");
        if (last !== undefined) await this.#client(step.who).react(this.group, last.id, "👍", false);
        return;
      }
      case "read": {
        const last = (await this.#shown(step.who)).at(-1);
        if (last !== undefined) await this.#client(step.who).markRead(this.group, last.id);
        return;
      }
      case "restart":
      case "crash":
        return this.#restart(step.who, step.do === "crash");
      case "burn":
        return this.#burn(step.who);
      case "let pass":
        for (const device of this.devices) this.#letTold(device);
        this.world.clock.advance(step.hours * HOUR);
        return;
      case "set clock":
        this.#setClock(step.who, step.hours * HOUR);
        return;
      case "set timer":
        if (step.who === 0) await this.#client(0).setTimer(this.group, step.timer);
        return;
      case "cut":
        this.world.cut();
        return;
      case "join":
        this.world.reachable = true;
        await this.world.settle(...this.devices.map(({ person }) => person));
        return;
    }
  }

  async #send(index: number, wanted: number | undefined, answer: boolean): Promise<void> {
    const client = this.#client(index);
    const limit = (await client.conversation(this.group)).timerSeconds;
    const timer = wanted === undefined || (limit > 0 && wanted > limit) ? undefined : wanted;
    const quoted = answer ? (await this.#shown(index)).findLast(({ body }) => body.type === "text") : undefined;
    await client.send(this.group, {
      text: this.#word(),
      ...(timer === undefined ? {} : { timerSeconds: timer }),
      ...(quoted === undefined ? {} : { replyTo: quoted.id }),
    });
  }

  async #restart(index: number, crash: boolean): Promise<void> {
    const device = this.#device(index);
    if (crash) device.files.crash();
    // After a crash its files are gone from under it; what it still tries does not matter.
    await device.person.client.close().catch(() => undefined);
    device.person = await this.world.open(device.files, { clock: device.clock });
    device.events = 0;
  }

  async #burn(index: number): Promise<void> {
    const device = this.#device(index);
    await this.look();
    await device.person.client.burn();
    for (const { gone, words } of device.seen.values()) {
      if (!gone) continue;
      for (const name of await device.files.list()) {
        const bytes = Buffer.from(device.files.contents(name));
        for (const word of words) expect(bytes.includes(word), `${word} in ${name}`).toBe(false);
      }
    }
  }

  #setClock(index: number, byMs: number): void {
    const device = this.#device(index);
    const { clock, seen } = device;
    this.#letTold(device);
    device.highest = Math.max(device.highest, clock.now());
    clock.set(byMs);
    for (const each of seen.values()) {
      if (byMs > 0) each.forward = true;
      if (byMs < 0) each.back = true;
    }
  }

  /** Every device looks at everything it can show, and what it shows is held against the rules. */
  async look(): Promise<void> {
    for (const device of this.devices) await this.#lookAt(device);
  }

  async #lookAt(device: Device): Promise<void> {
    const { client, events } = device.person;
    const now = device.clock.now();
    const { messages } = await client.messages(this.group, { limit: 200 });
    const shown = new Map(messages.map((message) => [message.id, message]));
    for (const message of messages) this.#note(device, message, now);
    for (const [id, seen] of device.seen) {
      const { started, back, forward } = seen;
      if (shown.has(id)) {
        expect(seen.gone, "what was gone came back").toBe(false);
        if (started !== undefined && !back) expect(now, "shown for too long").toBeLessThan(started.at + started.runs);
        continue;
      }
      if (!seen.gone) this.disappearances += 1;
      seen.gone = true;
      const early = started === undefined || now < started.at + started.runs;
      if (early && !forward && !back && started !== undefined) expect.fail("gone too early");
    }
    await this.#expectNowhere(
      device,
      JSON.stringify([messages, await client.conversations(), events.slice(device.events)]),
    );
    device.events = events.length;
  }

  /** What was told before time went on was told in time. */
  #letTold(device: Device): void {
    device.events = device.person.events.length;
  }

  #note({ seen, highest }: Device, { id, body, expiresAt }: MessageView, now: number): void {
    if (body.type !== "text") return;
    const each = seen.get(id) ?? { words: new Set(), gone: false, started: undefined, forward: false, back: false };
    each.words.add(body.text);
    if (each.started === undefined && expiresAt !== undefined) {
      each.started = { at: now, runs: expiresAt - now };
      each.forward = false;
      // Behind the latest time, what leads beyond it in one go is not counted up to there.
      each.back = now < highest;
      expect(expiresAt - now).toBeLessThanOrEqual(DAY);
    }
    seen.set(id, each);
  }

  /** No word of what is gone in anything the device gave away since. */
  async #expectNowhere({ person: { client }, seen }: Device, told: string): Promise<void> {
    for (const [id, { gone, words }] of seen) {
      if (!gone) continue;
      for (const word of words) {
        expect(told).not.toContain(word);
        expect(await client.search(word, 5)).toEqual([]);
      }
      await expect(client.message(this.group, id)).rejects.toMatchObject({ code: "not-found" });
    }
  }

  #word(): string {
    this.#words += 1;
    return `word${"abcdefghij"[this.#words % 10] ?? ""}${String(this.#words)}x`;
  }

  #device(index: number): Device {
    const device = this.devices[index];
    if (device === undefined) throw new RangeError("no such device");
    return device;
  }

  #client(index: number): Person["client"] {
    return this.#device(index).person.client;
  }

  async #shown(index: number): Promise<readonly MessageView[]> {
    return (await this.#client(index).messages(this.group, { limit: 50 })).messages;
  }
}

let disappearances = 0;

test.prop([fc.array(steps, { minLength: 10, maxLength: 40 })], { numRuns: 30 })(
  "whatever happens to clocks, network and programs: what has disappeared is shown nowhere, and nothing goes early or late",
  async (history) => {
    const it = new History();
    await it.begin();
    await it.look();
    for (const step of history) {
      await it.take(step);
      await it.look();
    }
    await it.end();
    disappearances += it.disappearances;
  },
  300_000,
);

test("in those histories messages did disappear", () => {
  expect(disappearances).toBeGreaterThan(20);
});
