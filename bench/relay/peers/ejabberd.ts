import { globSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram, freePlace, freshFolder, runPeer, type Peer } from "./peer.ts";

const LIBRARIES = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib"];

/** ejabberd with stream management and an archive of all messages in Mnesia, unsynced. Run by Erlang, as its script does. */
export const ejabberd: Peer = {
  name: "ejabberd, stream management, archive",
  start: async () => {
    const [program, code] = [findProgram("erl"), findCode()];
    if (findProgram("ejabberdctl") === undefined || program === undefined || code === undefined) return undefined;
    const [place, folder] = [await freePlace(), freshFolder()];
    const file = join(folder, "ejabberd.yml");
    writeFileSync(file, settings(place));
    const env = {
      ...{ ERL_LIBS: code, EJABBERD_CONFIG_PATH: file, EJABBERD_LOG_PATH: join(folder, "log"), HOME: folder },
    };
    const command = [program, "-noinput", "+K", "true", "-mnesia", "dir", JSON.stringify(join(folder, "spool"))];
    const running = await runPeer([...command, "-s", "ejabberd"], { place, folder, env });
    return { target: { type: "xmpp", place }, ...running };
  },
};

function findCode(): string | undefined {
  return LIBRARIES.find((folder) => globSync(join(folder, "ejabberd-*/ebin/ejabberd.beam")).length > 0);
}

function settings({ host, port }: { readonly host: string; readonly port: number }): string {
  const modules = ["mod_disco", "mod_roster", "mod_ping"].map((name) => `  ${name}: {}`);
  return [
    ...["hosts: [localhost]", "loglevel: warning", "default_db: mnesia", "auth_method: internal"],
    ...["auth_password_format: plain", "disable_sasl_mechanisms: []", "registration_timeout: infinity"],
    ...["listen:", "  -", `    port: ${String(port)}`, `    ip: "${host}"`, "    module: ejabberd_c2s"],
    ...["    max_stanza_size: 262144", "    starttls: false", "    access: all"],
    ...["shaper: {}", "modules:", ...modules],
    ...["  mod_stream_mgmt: {resend_on_timeout: false}", "  mod_offline: {access_max_user_messages: 1000000}"],
    ...["  mod_mam: {default: always, db_type: mnesia, request_activates_archiving: false}"],
    ...[
      "  mod_register: {access: all, access_from: all, ip_access: all, password_strength: 0, captcha_protected: false}",
    ],
    "",
  ].join("\n");
}
