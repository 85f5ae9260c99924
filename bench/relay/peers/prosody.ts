import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram, freePlace, freshFolder, runPeer, type Peer } from "./peer.ts";

/** Prosody with stream management and an archive of all messages in files, unsynced. */
export const prosody: Peer = {
  name: "Prosody, stream management, archive",
  start: async () => {
    const program = findProgram("prosody");
    if (program === undefined) return undefined;
    const [place, folder] = [await freePlace(), freshFolder()];
    mkdirSync(join(folder, "data"));
    const file = join(folder, "prosody.cfg.lua");
    const lines = [
      'modules_enabled = { "saslauth", "roster", "disco", "smacks", "register", "offline", "mam", "presence", "message", "iq" }',
      'modules_disabled = { "s2s", "tls" }',
      ...["run_as_root = true", "allow_registration = true", "c2s_require_encryption = false"],
      ...["allow_unencrypted_plain_auth = true", 'authentication = "internal_plain"', 'storage = "internal"'],
      ...['archive_expires_after = "never"', "default_archive_policy = true", "pidfile = nil", "limits = {}"],
      ...[`data_path = "${join(folder, "data")}"`, `log = { warn = "${join(folder, "log")}" }`],
      ...[`interfaces = { "${place.host}" }`, `c2s_ports = { ${String(place.port)} }`, 'network_backend = "epoll"'],
      'VirtualHost "localhost"',
    ];
    writeFileSync(file, `${lines.join("\n")}\n`);
    return {
      target: { type: "xmpp", place },
      ...(await runPeer([program, "--config", file, "-F"], { place, folder })),
    };
  },
};
