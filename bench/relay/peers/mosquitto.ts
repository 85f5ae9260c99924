import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram, freePlace, freshFolder, runPeer, type Peer } from "./peer.ts";

/** mosquitto keeps messages in memory, and here writes them to its file once a second, unsynced. */
export const mosquitto: Peer = {
  name: "mosquitto, QoS 1, written once a second",
  start: async () => {
    const program = findProgram("mosquitto");
    if (program === undefined) return undefined;
    const [place, folder] = [await freePlace(), freshFolder()];
    const file = join(folder, "mosquitto.conf");
    const lines = [
      ...[`listener ${String(place.port)} ${place.host}`, "allow_anonymous true", "user root", "set_tcp_nodelay true"],
      ...["persistence true", `persistence_location ${folder}/`, "autosave_interval 1"],
      ...["max_inflight_messages 0", "max_queued_messages 0"],
    ];
    writeFileSync(file, `${lines.join("\n")}\n`);
    return { target: { type: "mqtt", place }, ...(await runPeer([program, "-c", file], { place, folder })) };
  },
};
