import { toHex, Writer } from "@stonechat/protocol";
import { ClientWorld, type Person } from "@stonechat/testkit/client-world";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { describe, expect, test } from "vitest";
import { toDeviceKeys } from "../identity/account.ts";
import { CONTENT_COMMIT } from "../mls/wire/private-message.ts";
import { Attacker } from "../testing/attacker.ts";
import { commitBody, insideOf, renewedPath, sealBody, type Inside } from "../testing/mls-inside.ts";
import {
  alarmsOf,
  connectAll,
  eventsOf,
  idOf,
  joinAll,
  makeGroup,
  membersOf,
  noticesOf,
  requestOf,
  textsOf,
} from "../testing/people.ts";

interface Scene {
  readonly world: ClientWorld;
  readonly ada: Person;
  readonly bea: Person;
  readonly cyd: Person;
  readonly group: string;
  readonly mallory: Attacker;
}

/** A group of Ada (admin), Bea, Cyd and Mallory, who has replaced her program. All know Ada. */
async function setUp(admins: "Ada" | "Ada and Bea" = "Ada"): Promise<Scene> {
  const world = new ClientWorld();
  const [ada, bea, cyd, eve] = await joinAll(world, "Ada", "Bea", "Cyd", "Mallory");
  await connectAll(world, ada, bea, cyd, eve);
  if (admins === "Ada and Bea") await world.connect(bea, cyd);
  const group = await makeGroup(world, "Team", ada, bea, cyd, eve);
  if (admins === "Ada and Bea") await ada.client.setRole(group, await idOf(bea), "admin");
  await ada.client.send(group, { text: "hello" });
  await world.settle(ada, bea, cyd, eve);
  const mallory = await Attacker.become(world, eve, group);
  return { world, ada, bea, cyd, group, mallory };
}

/** What every member refuses alike: she is no admin. */
async function breakGroup({ mallory }: Pick<Scene, "mallory">): Promise<void> {
  await mallory.commit({ add: [], remove: [] }, { settings: { ...mallory.record.settings, name: "Hers" } });
}

type Group = Awaited<ReturnType<Person["client"]["conversation"]>>;

/** The only group that somebody shows. */
async function groupOf({ client }: Person): Promise<Group> {
  const groups = (await client.conversations()).filter(({ kind }) => kind === "group");
  const [group] = groups;
  if (group === undefined || groups.length > 1) throw new RangeError("not one group");
  return group;
}

async function expectTogether(names: readonly string[], ...people: readonly Person[]): Promise<string> {
  const ids = new Set<string>();
  for (const person of people) {
    const group = await groupOf(person);
    ids.add(group.id);
    expect(group.state).toBe("active");
    expect(group.continuation).toBeUndefined();
    expect(await membersOf(person, group.id)).toEqual(names);
    expect(await person.client.requests()).toEqual([]);
    expect(person.failures).toEqual([]);
  }
  expect(ids.size).toBe(1);
  return [...ids][0] ?? "";
}

async function continuedIn(person: Person, id: string): Promise<readonly unknown[]> {
  return (await noticesOf(person, id)).filter(({ type }) => type === "continued");
}

// Each makes four accounts and three contacts first.
const SLOW = { timeout: 60_000 };

describe("after a commit that all must refuse the group goes on", SLOW, () => {
  test("within five seconds, in the same conversation, without who made it", async () => {
    const scene = await setUp();
    const { world, ada, bea, cyd, group } = scene;
    await bea.client.setDraft(group, "half a word");
    const before = world.clock.now();
    await breakGroup(scene);
    await world.settle(ada, bea, cyd);
    expect(world.clock.now() - before).toBeLessThanOrEqual(5_000);
    const id = await expectTogether(["Ada*", "Bea", "Cyd"], ada, bea, cyd);
    for (const person of [ada, bea, cyd]) {
      expect((await groupOf(person)).name).toBe("Team");
      expect(alarmsOf(person)).toEqual(["bad-commit"]);
      expect(await textsOf(person, id)).toEqual(["hello"]);
      expect(await continuedIn(person, id)).toEqual([{ type: "continued", byName: "Ada", names: ["Mallory"] }]);
      expect(eventsOf(person, "conversation-continued")).toMatchObject([{ conversationId: id, previousId: group }]);
      // Hosts that still hold the old id find the same conversation.
      expect((await person.client.conversation(group)).id).toBe(id);
    }
    expect(await groupOf(bea)).toMatchObject({ draft: "half a word", unread: 1 });
    await bea.client.send(id, { text: "we go on" });
    await world.settle(bea, ada, cyd);
    for (const person of [ada, bea, cyd]) expect(await textsOf(person, id)).toEqual(["hello", "we go on"]);
  });

  const honestPath = async (inside: Inside): ReturnType<typeof renewedPath> => renewedPath(inside);
  test.each<[string, (inside: Inside) => Promise<Uint8Array>]>([
    [
      "a confirmation tag that is none",
      async (inside) => commitBody({ proposals: [], path: (await honestPath(inside)).path }),
    ],
    [
      "path secrets that nobody can open",
      async (inside) => {
        const { path } = await honestPath(inside);
        const nodes = path.nodes.map((node) => ({
          ...node,
          encryptedPathSecret: node.encryptedPathSecret.map((sealed) => ({
            ...sealed,
            ciphertext: sealed.ciphertext.map((byte) => byte ^ 1),
          })),
        }));
        return commitBody({ proposals: [], path: { ...path, nodes } });
      },
    ],
    [
      "a path for another tree",
      async (inside) => {
        const { path } = await honestPath(inside);
        const nodes = path.nodes.map((node) => ({
          ...node,
          hpkePublicKey: node.hpkePublicKey.map((byte) => byte ^ 1),
        }));
        return commitBody({ proposals: [], path: { ...path, nodes } });
      },
    ],
    [
      "a forbidden proposal",
      async (inside) => {
        const w = new Writer();
        w.vector(Uint8Array.of(1, 0, 4, 0, 0, 0, 0), 1000);
        w.opaque(commitBody({ proposals: [], path: (await honestPath(inside)).path }).subarray(1));
        return w.finish();
      },
    ],
  ])("%s", async (_, body) => {
    const { world, ada, bea, cyd, mallory } = await setUp();
    const inside = insideOf(
      { device: toDeviceKeys(mallory.account), stored: mallory.stored },
      repeatableRandom("forger"),
    );
    const before = world.clock.now();
    const message = sealBody(inside, CONTENT_COMMIT, await body(inside));
    expect(await mallory.commitNoise(mallory.seal("commit", message))).toMatchObject({ type: "appended" });
    await world.settle(ada, bea, cyd);
    expect(world.clock.now() - before).toBeLessThanOrEqual(5_000);
    await expectTogether(["Ada*", "Bea", "Cyd"], ada, bea, cyd);
  });

  test("again and again, each time without one more", async () => {
    const scene = await setUp();
    const { world, ada, bea, cyd } = scene;
    await breakGroup(scene);
    await world.settle(ada, bea, cyd);
    const { id } = await groupOf(cyd);
    await cyd.client.send(id, { text: "me too" });
    await world.settle(cyd, ada, bea);
    await breakGroup({ mallory: await Attacker.become(world, cyd, id) });
    await world.settle(ada, bea);
    const last = await expectTogether(["Ada*", "Bea"], ada, bea);
    expect(await textsOf(bea, last)).toEqual(["hello", "me too"]);
    expect(await continuedIn(bea, last)).toMatchObject([{ names: ["Mallory"] }, { names: ["Cyd"] }]);
  });

  test("for who comes later, with what waited there to be sent", async () => {
    const scene = await setUp();
    const { world, ada, bea, cyd, group } = scene;
    await world.until(bea.client.close());
    const silent = { canReach: () => true, openSocket: () => ({ send: () => undefined, close: () => undefined }) };
    const offline = await world.open(bea.files, { transport: silent });
    await offline.client.send(group, { text: "written before" });
    await world.until(offline.client.close());
    await breakGroup(scene);
    await world.settle(ada, cyd);
    const back = await world.open(bea.files);
    await world.settle(back, ada, cyd, back);
    const id = await expectTogether(["Ada*", "Bea", "Cyd"], ada, back, cyd);
    for (const person of [ada, back, cyd]) expect(await textsOf(person, id)).toEqual(["hello", "written before"]);
  });

  test("also for a member whom the maker does not know, by another admin", async () => {
    const world = new ClientWorld();
    const [ada, bea, cyd, eve] = await joinAll(world, "Ada", "Bea", "Cyd", "Mallory");
    await connectAll(world, ada, bea, eve);
    await world.connect(bea, cyd);
    const group = await makeGroup(world, "Team", ada, bea, eve);
    await ada.client.setRole(group, await idOf(bea), "admin");
    await world.settle(ada, bea, eve);
    await bea.client.addMembers(group, [await idOf(cyd)]);
    await world.settle(bea, ada, cyd, eve);
    await world.until(cyd.client.acceptRequest((await requestOf(cyd)).id));
    await world.settle(cyd, ada, bea, eve);
    const mallory = await Attacker.become(world, eve, group);
    await breakGroup({ mallory });
    await world.settle(ada, bea, cyd, ada, bea, cyd);
    await expectTogether(["Ada*", "Bea*", "Cyd"], ada, bea, cyd);
  });
});

describe("after a crash of the one who makes it", SLOW, () => {
  test("before it was made: it is made after the start", async () => {
    const scene = await setUp();
    const { world, ada, bea, cyd, group } = scene;
    await breakGroup(scene);
    await world.until(
      (async () => {
        while ((await ada.client.conversation(group)).state === "active") await ada.client.settle(1);
      })(),
    );
    await world.until(ada.client.close());
    const again = await world.open(ada.files);
    await world.settle(again, bea, cyd);
    await expectTogether(["Ada*", "Bea", "Cyd"], again, bea, cyd);
  });

  test("before anything of it had left: there is one, and the same, after the start", async () => {
    const scene = await setUp();
    const { world, ada, bea, cyd, group } = scene;
    await breakGroup(scene);
    const made = await world.until(
      (async () => {
        for (;;) {
          const now = await ada.client.conversation(group);
          if (now.id !== group) return now.id;
          if (now.state === "broken") world.cut();
          await ada.client.settle(1);
        }
      })(),
    );
    await world.until(ada.client.close());
    world.reachable = true;
    const again = await world.open(ada.files);
    await world.settle(again, bea, cyd, again, bea, cyd);
    expect(await expectTogether(["Ada*", "Bea", "Cyd"], again, bea, cyd)).toBe(made);
  });
});

test(
  "two admins who make one at the same moment end in the same one, and nothing that was said in the other is lost",
  SLOW,
  async () => {
    const scene = await setUp("Ada and Bea");
    const { world, ada, bea, cyd, group, mallory } = scene;
    const offender = toHex(mallory.account.identityKey);
    await breakGroup(scene);
    for (const { client } of [ada, bea])
      await world.until(
        (async () => {
          while ((await client.conversation(group)).state === "active") await client.settle(1);
        })(),
      );
    expect((await ada.client.conversation(group)).continuation?.offenderId).toBe(offender);
    const [byAda, byBea] = await Promise.all([
      ada.client.continueGroup(group, offender),
      bea.client.continueGroup(group, offender),
    ]);
    expect(byAda.id).not.toBe(byBea.id);
    await Promise.all([
      ada.client.send(byAda.id, { text: "from Ada" }),
      bea.client.send(byBea.id, { text: "from Bea" }),
    ]);
    await world.settle(ada, bea, cyd, ada, bea, cyd);
    const beaWins = (await idOf(bea)) < (await idOf(ada));
    const groups = (await cyd.client.conversations()).filter(({ kind }) => kind === "group");
    expect(groups.map(({ id }) => id)).toEqual([beaWins ? byBea.id : byAda.id]);
    for (const person of [ada, bea, cyd]) {
      const id = beaWins ? byBea.id : byAda.id;
      expect(await membersOf(person, id)).toEqual(["Ada*", "Bea*", "Cyd"]);
      expect([...(await textsOf(person, id))].sort()).toEqual(["from Ada", "from Bea", "hello"]);
      expect(person.failures).toEqual([]);
    }
  },
);
