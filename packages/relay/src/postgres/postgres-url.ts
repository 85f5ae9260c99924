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
