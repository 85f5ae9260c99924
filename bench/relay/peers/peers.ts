import { startEcho } from "./echo.ts";
import { ejabberd } from "./ejabberd.ts";
import { mosquitto } from "./mosquitto.ts";
import { nats, natsSynced } from "./nats.ts";
import type { Peer } from "./peer.ts";
import { postgres } from "./postgres.ts";
import { prosody } from "./prosody.ts";
import { redis } from "./redis.ts";

/** Everything that the relay is measured beside. */
export const PEERS: readonly Peer[] = [
  { name: "echo: a bare WebSocket server, nothing kept", keeps: false, start: startEcho },
  ...[redis, nats, natsSynced, mosquitto, ejabberd, prosody, postgres],
];
