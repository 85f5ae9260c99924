import { ConfigError, type Field } from "@stonechat/serving";

/**
 * The servers that a connection URL names, one URL each: `postgres://user:secret@one:5432,two:5432/relay` are two. The
 * first that takes writes is used.
 *
 * @returns undefined for what is not such a URL.
 */
export function parsePostgresUrl(text: string): readonly string[] | undefined {
  const [, scheme, user = "", hosts, rest = ""] =
    /^(postgres(?:ql)?:\/\/)([^@/]*@)?([^/?@]+)(\/[^\s]*)?$/.exec(text) ?? [];
  if (scheme === undefined || hosts === undefined) return undefined;
  const urls = hosts.split(",").map((host) => `${scheme}${user}${host}${rest}`);
  return urls.every((url) => URL.canParse(url)) ? urls : undefined;
}

const ALLOWED = "postgres://USER:PASSWORD@HOST:PORT/DATABASE, with several HOST:PORT between commas";

/** A setting that names the database. Its value holds a password: it is never printed. */
export function postgresServers(): Field<readonly string[] | undefined> {
  return {
    fallback: undefined,
    allowed: ALLOWED,
    parse(value, name) {
      const urls = typeof value === "string" ? parsePostgresUrl(value) : undefined;
      if (urls === undefined) throw new ConfigError(name, "this value", `allowed: ${ALLOWED}`);
      return urls;
    },
  };
}
