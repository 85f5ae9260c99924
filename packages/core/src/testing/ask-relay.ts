import type { Reply } from "@stonechat/protocol";
import { WORLD_URL, type ClientWorld } from "@stonechat/testkit/client-world";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { RelayLink } from "../sync/relay-link.ts";

/** One request of a program that is nobody's client, over a connection of its own. */
export async function askRelay(world: ClientWorld, request: Parameters<RelayLink["request"]>[0]): Promise<Reply> {
  const ports = { transport: world.transport(), clock: world.clock, random: repeatableRandom("connection") };
  let online: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    online = resolve;
  });
  const link = new RelayLink(WORLD_URL, ports, {
    onState: (state) => {
      if (state === "online") online();
    },
    onEntries: () => undefined,
    isBehind: () => false,
    onRuns: () => Promise.resolve(false),
  });
  link.open();
  await opened;
  const reply = await link.request(request, "appended");
  link.close();
  return reply;
}
