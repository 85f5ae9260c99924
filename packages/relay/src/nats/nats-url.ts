import { ConfigError, type Field } from "@stonechat/serving";

/** Where NATS is and as whom to go there. */
export interface NatsAddress {
  readonly servers: string[];
  readonly user?: string;
  readonly pass?: string;
  readonly tls?: Record<string, never>;
}

/**
 * Reads `nats://user:secret@one:4222,two:4222`, or `tls://…` for a server that must prove who it is.
 *
 * @returns undefined for what is not such a URL.
 */
export function parseNatsUrl(text: string): NatsAddress | undefined {
  const [, scheme, , user, , pass, hosts] =
    /^(nats|tls):\/\/(([^:@/]+)(:([^@/]*))?@)?([A-Za-z0-9.:,[\]-]+)\/?$/.exec(text) ?? [];
  if (scheme === undefined || hosts === undefined) return undefined;
  const servers = hosts.split(",");
  if (!servers.every((server) => URL.canParse(`nats://${server}`))) return undefined;
  return {
    servers,
    ...(user === undefined ? {} : { user: decodeURIComponent(user) }),
    ...(pass === undefined ? {} : { pass: decodeURIComponent(pass) }),
    ...(scheme === "tls" ? { tls: {} } : {}),
  };
}

const ALLOWED = "nats://USER:PASSWORD@HOST:PORT or tls://…, with several HOST:PORT between commas";

/** A setting that names the NATS servers. Its value may hold a password: it is never printed. */
export function natsServers(): Field<NatsAddress | undefined> {
  return {
    fallback: undefined,
    allowed: ALLOWED,
    parse(value, name) {
      const address = typeof value === "string" ? parseNatsUrl(value) : undefined;
      if (address === undefined) throw new ConfigError(name, "this value", `allowed: ${ALLOWED}`);
      return address;
    },
  };
}
