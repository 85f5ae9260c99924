/** Longest address that is looked at as an invite. */
const MAX_LINK_LENGTH = 16_384;

/**
 * The invite in the page's address, if there is one. It is taken out of the address at once, so that it stays neither
 * there nor in the history.
 */
export function takeLink(): string | undefined {
  const { hash, href } = location;
  if (!hash.startsWith("#i/")) return undefined;
  history.replaceState(null, "", "#/");
  return href.length <= MAX_LINK_LENGTH ? href : undefined;
}
