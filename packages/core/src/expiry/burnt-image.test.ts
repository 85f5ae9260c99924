import { ClientWorld, WORLD_URL, type Person } from "@stonechat/testkit/client-world";
import { MemoryBlockFiles } from "@stonechat/testkit/memory-block-files";
import { MemoryGuards } from "@stonechat/testkit/memory-guards";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { initCrypto } from "@stonechat/crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { cheapStretch, imageOf, REAL_PIN, SIZES } from "../testing/vault-world.ts";
import { textsOf } from "../testing/people.ts";
import { createVaultDoor } from "../vault/door/index.ts";
import type { OpenVault, VaultDoor } from "../vault/open-vault.ts";

beforeAll(initCrypto);

const TIMER_S = 60;
const SECRET = "Xylographzanzibarquokka";

/** Ada, and Bea whose messages lie in a PIN vault with real guards. */
class Scene {
  readonly world = new ClientWorld();
  readonly guards = new MemoryGuards({ clock: this.world.clock });
  readonly disk = new MemoryBlockFiles(3);

  door(disk: MemoryBlockFiles): VaultDoor {
    return createVaultDoor({
      files: disk,
      guardTransport: this.guards.transport,
      clock: this.world.clock,
      random: repeatableRandom("door"),
      stretch: cheapStretch,
      sizes: SIZES,
    });
  }

  #vault: OpenVault | undefined;

  async openOn(vault: OpenVault): Promise<Person> {
    this.#vault = vault;
    return this.world.open(undefined, { files: vault.files, vault });
  }

  async close(person: Person): Promise<void> {
    await person.client.close();
    await this.#vault?.close();
  }

  /** @returns undefined if the PIN opens nothing. */
  async unlock(disk: MemoryBlockFiles): Promise<Person | undefined> {
    const { vault } = await this.world.until(this.door(disk).unlock(REAL_PIN));
    if (vault === undefined) return undefined;
    await this.world.until(vault.settled());
    return this.openOn(vault);
  }

  /** Bea has read a message that disappears, an answer quotes it, and an image of her device was taken. */
  async untilRead(): Promise<{ bea: Person; conversation: string; image: MemoryBlockFiles }> {
    const { world } = this;
    const vault = await world.until(
      this.door(this.disk).create({ mode: "pin", relayUrl: WORLD_URL, pin: REAL_PIN, kind: "destroy" }),
    );
    const bea = await this.openOn(vault);
    await world.until(bea.client.createAccount({ name: "Bea", relayUrl: WORLD_URL, deviceName: "test" }));
    const ada = await world.join("Ada");
    const conversation = await world.connect(ada, bea);
    await ada.client.send(conversation, { text: "stays" });
    await ada.client.send(conversation, { text: SECRET, timerSeconds: TIMER_S });
    await world.settle(ada, bea);
    const { messages } = await bea.client.messages(conversation, { limit: 1 });
    const id = messages.at(-1)?.id ?? "";
    await bea.client.markRead(conversation, id);
    await bea.client.send(conversation, { text: "about that", replyTo: id, timerSeconds: TIMER_S });
    await world.settle(bea, ada);
    return { bea, conversation, image: await imageOf(this.disk) };
  }
}

describe("an image of the device from before a burn", () => {
  test("shows everything to who has the PIN while nothing was burnt: that is what burning is for", async () => {
    const scene = new Scene();
    const { conversation, image } = await scene.untilRead();
    const thief = await scene.unlock(image);
    expect(thief === undefined ? [] : await textsOf(thief, conversation)).toContain(SECRET);
  });

  test("opens with the right PIN no more once what had disappeared was burnt", async () => {
    const scene = new Scene();
    const { bea, conversation, image } = await scene.untilRead();
    scene.world.clock.advance((TIMER_S + 1) * 1000);
    expect(await scene.world.until(bea.client.burn())).toBe("burned");
    expect(await scene.unlock(image)).toBeUndefined();

    // The device itself opens as ever, without what disappeared.
    await scene.close(bea);
    const again = await scene.unlock(scene.disk);
    expect(again === undefined ? [] : await textsOf(again, conversation)).toEqual(["stays"]);
    expect(await again?.client.search(SECRET, 10)).toEqual([]);
  });
});
