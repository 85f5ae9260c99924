import { fc, test } from "@fast-check/vitest";
import { ClientWorld, type Person, type RelayCopy } from "@stonechat/testkit/client-world";
import { createFakeMls } from "@stonechat/testkit/fake-mls";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { expect } from "vitest";
import { alarmsOf, connectAll, makeGroup, textsOf } from "../testing/people.ts";

const PEOPLE = 3;
const RUNS = 8;
const HEARD_MS = 6 * 60_000;

type Step =
  | { readonly type: "say"; readonly who: number }
  | { readonly type: "away" | "back"; readonly who: number }
  | { readonly type: "copy" | "restart" | "put-back" };

const who = fc.nat({ max: PEOPLE - 1 });
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant("say"), who }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom("away", "back"), who }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constantFrom("copy", "restart", "put-back") }) },
);

/** A group of three; everybody may be away, and the relay may be put back to any copy that was made of it. */
class History {
  readonly world = new ClientWorld(true);
  /** The real one is not what is looked at here, and costs most of the time. */
  readonly #ports = { mls: createFakeMls({ random: repeatableRandom("mls"), now: () => this.world.clock.now() }) };
  readonly sent: string[] = [];
  people: readonly Person[] = [];
  readonly #away = new Set<number>();
  #group = "";
  #copy: RelayCopy | undefined;
  /** Something that clients were told of is not in the copy: an entry, or a run. */
  #newer = false;
  putBacks = 0;

  async begin(): Promise<string> {
    const names = ["Ada", "Bea", "Cy"];
    for (const name of names) this.people = [...this.people, await this.world.join(name, this.#ports)];
    const [ada, ...others] = this.people;
    if (ada === undefined) throw new RangeError("nobody");
    await connectAll(this.world, ada, ...others);
    this.#group = await makeGroup(this.world, "Team", ada, ...others);
    return this.#group;
  }

  async run(step: Step): Promise<void> {
    switch (step.type) {
      case "say":
        await this.#say(step.who);
        break;
      case "away":
        if (!this.#away.has(step.who) && this.#away.size < PEOPLE - 1) {
          await this.#person(step.who).client.close();
          this.#away.add(step.who);
        }
        break;
      case "back":
        await this.back(step.who);
        break;
      case "copy":
        this.#copy = this.world.copyRelay();
        this.#newer = false;
        break;
      case "restart":
        this.world.restartRelay();
        this.#newer = true;
        break;
      case "put-back":
        if (this.#copy === undefined) break;
        if (this.#newer) this.putBacks += 1; // else it is where it was
        this.world.restartRelay(this.#copy);
        this.#newer = true;
    }
    await this.settle();
  }

  async back(index: number): Promise<void> {
    if (!this.#away.delete(index)) return;
    const old = this.#person(index);
    const again = await this.world.open(old.files, this.#ports);
    // What was told before counts, too.
    again.events.unshift(...old.events);
    this.people = this.people.map((person, i) => (i === index ? again : person));
  }

  async settle(): Promise<void> {
    const present = this.people.filter((_, i) => !this.#away.has(i));
    for (let round = 0; round < 2; round += 1) await this.world.settle(...present);
  }

  async #say(index: number): Promise<void> {
    if (this.#away.has(index)) return;
    const text = `${String(index)}: ${String(this.sent.length)}`;
    this.sent.push(text);
    await this.world.until(this.#person(index).client.send(this.#group, { text }));
    await this.settle();
    await this.world.mark();
    this.world.clock.advance(HEARD_MS);
    this.#newer = true;
  }

  #person(index: number): Person {
    const person = this.people[index];
    if (person === undefined) throw new RangeError("nobody");
    return person;
  }
}

test.prop([fc.array(steps, { minLength: 4, maxLength: 14 })], { numRuns: RUNS })(
  "whatever is put back and whoever is away, everybody ends with every message once, and a put-back is told or harmless",
  async (history) => {
    const scene = new History();
    const group = await scene.begin();
    for (const step of history) await scene.run(step);
    for (let index = 0; index < PEOPLE; index += 1) await scene.back(index);
    for (let round = 0; round < PEOPLE; round += 1) await scene.settle();
    for (const person of scene.people) {
      expect([...(await textsOf(person, group))].sort()).toEqual([...scene.sent].sort());
      expect((await person.client.conversation(group)).state).toBe("active");
      expect(alarmsOf(person)).not.toContain("relay-rollback");
      expect(person.failures).toEqual([]);
    }
    const told = scene.people.flatMap(alarmsOf).filter((alarm) => alarm === "relay-put-back").length;
    expect(told > 0).toBe(scene.putBacks > 0);
  },
  120_000,
);
